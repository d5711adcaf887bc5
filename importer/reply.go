package importer

import "time"

// A Reply is what came back from one call, as far as anything did. Its texts
// are bounded in size and free of control characters and secrets.
type Reply struct {
	Status     int           // HTTP status, 0 when no answer arrived
	RelationID string        // the service's id of the relation, if it told
	Cause      Cause         // set when the class is Rejected
	Message    string        // the service's own words, or the transport's
	TraceID    string        // what the vendor's support asks for
	RetryAfter time.Duration // 0 when the service named none
	Quota      Quota         // what the headers said of the limits
	Credential int           // which generation of the credential was used; see Sender.Renew
}

// A Quota is what one answer's headers said about the limits of its location.
// The zero value means that they said nothing.
type Quota struct {
	Max       int           // requests allowed in an interval, 0 unknown
	Interval  time.Duration // length of the interval, 0 unknown
	Remaining int           // requests left in the interval, if HasRemaining

	DailyLimit     int       // requests allowed in a day, 0 unknown
	DailyRemaining int       // requests left today, if HasDailyRemaining
	DailyReset     time.Time // when the day's quota is full again, zero unknown

	HasRemaining      bool
	HasDailyRemaining bool
}
