package importer

import "errors"

// A Class says what an unsuccessful call means for its row and for its lane.
// It is an error: an adapter's detailed error unwraps to its Class, and ClassOf
// finds it.
type Class uint8

// The classes, a closed set. The zero value is Doubt: what is not known to be
// harmless may have been carried out.
const (
	Doubt     Class = iota // the call may have been carried out: timeout, cut connection, 408, 5xx
	Unsent                 // the call certainly did not reach the service: refused connection, unknown host
	Duplicate              // the relation is there already
	Rejected               // this row will not pass; another may
	Stale                  // the credential is out of date; a renewed one may pass
	Refused                // the credential does not do; no row of this location can pass
	Blocked                // stopped at the service's edge; not a matter of credentials
	Throttled              // too many requests just now; not carried out
	Spent                  // the day's quota is used up; not carried out
)

var classNames = [...]string{
	Doubt:     "no clear answer",
	Unsent:    "service not reached",
	Duplicate: "relation exists already",
	Rejected:  "row refused",
	Stale:     "credential out of date",
	Refused:   "credential refused",
	Blocked:   "blocked at the service's edge",
	Throttled: "too many requests",
	Spent:     "daily quota used up",
}

// Error names the class in words.
func (c Class) Error() string {
	if int(c) < len(classNames) {
		return classNames[c]
	}
	return classNames[Doubt]
}

// ClassOf finds the class in err's chain; an error without one is Doubt.
// It must not be called with nil.
func ClassOf(err error) Class {
	var c Class
	if errors.As(err, &c) && int(c) < len(classNames) {
		return c
	}
	return Doubt
}
