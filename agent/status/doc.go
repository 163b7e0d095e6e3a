// Package status is the control socket of the running agent: what the verbs (status, heal, plan,
// approve, resume, notify resend) ask of it. One connection carries one request, a line of JSON, and one answer.
//
// The socket belongs to root or to the agent's user, and the kernel's word on who connected
// (SO_PEERCRED, unix(7)) is checked on each connection: a mode can be changed by mistake.
package status
