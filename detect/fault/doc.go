// Package fault names the points at which tests end or freeze the agent: between an intent and
// its effect, in the middle of a rotation, in a loop. The code at a point is compiled in by
// the build tag "faultpoints" alone; what is shipped calls an empty function, which the
// compiler leaves out.
//
// A program with the tag looks into [File] at each point. A line of it reads "kill POINT" or
// "freeze POINT"; the first that names the point is carried out once, and the file goes.
package fault

// File arms a point. It is in the agent's runtime directory, which systemd removes when the agent ends.
const File = "/run/gatemend/fault"

// The points that are no loops. A loop's point has the loop's name.
const (
	IntentDurable  = "intent durable"       // recorded, and nothing done yet
	EffectDone     = "effect done"          // done, and no result recorded yet
	ResultRecorded = "result recorded"      // and nothing verified yet
	SegmentMade    = "audit segment made"   // rotating: the new segment is there, empty
	RotateRecorded = "rotation recorded"    // and the segments that it lets go are still there
	BundleWritten  = "bundle written"       // under its temporary name
	BaseWritten    = "baseline written"     // under its temporary name
	RecordWritten  = "audit record written" // and not synced yet
)
