package diagnose_test

import (
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/diagnose"
)

// A document names what else would leave its lines, below what is ever acted on; live facts are asked instead.
func TestAlternativesAreForDocumentsOnly(t *testing.T) {
	f := detect.Facts{
		Offline: true, Unit: &detect.Unit{Name: "shop.service", Load: "loaded", Active: "active", Sub: "running", Result: "success"},
		Lines: []detect.Line{
			{Source: detect.FromApp, Event: detect.EventListening, Attr: map[string]string{"target": "unix:/run/shop/shop.sock"}},
			{Source: detect.FromNginxError, Event: detect.EventConnectFailed, Errno: 2, Attr: map[string]string{"target": "unix:/run/shop/shop.sock"}},
		},
	}
	d := diagnose.Diagnose(f)
	if d.Primary.Cause != detect.SocketMissing || confidence(d, detect.PortInUse) == 0 || confidence(d, detect.PortInUse) >= 40 {
		t.Errorf("%s, also %+v", d.Primary.Cause, d.Also)
	}
	f.Offline = false
	if d := diagnose.Diagnose(f); confidence(d, detect.PortInUse) != 0 {
		t.Errorf("live: %+v", d.Also)
	}
}

// confidence is the one of a cause beside the first; 0 when it is not named.
func confidence(d detect.Diagnosis, c detect.Cause) detect.Confidence {
	for _, f := range d.Also {
		if f.Cause == c {
			return f.Confidence
		}
	}
	return 0
}
