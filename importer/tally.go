package importer

import "sync/atomic"

// Counts are what one run has done so far.
type Counts struct {
	Sent      int64 // calls made, of every kind
	Throttled int64 // calls answered 429
	Retried   int64 // calls that sent a row again after an unclear answer
	Unclear   int64 // calls that stayed without a clear answer

	Created, Existing, Failed, Undone int64 // outcomes
}

// Done is the number of rows that have an outcome.
func (c Counts) Done() int64 { return c.Created + c.Existing + c.Failed + c.Undone }

// Add returns the sum of c and other.
func (c Counts) Add(other Counts) Counts {
	c.Sent += other.Sent
	c.Throttled += other.Throttled
	c.Retried += other.Retried
	c.Unclear += other.Unclear
	c.Created += other.Created
	c.Existing += other.Existing
	c.Failed += other.Failed
	c.Undone += other.Undone
	return c
}

// Less returns what c has more than other.
func (c Counts) Less(other Counts) Counts {
	return Counts{
		Sent: c.Sent - other.Sent, Throttled: c.Throttled - other.Throttled,
		Retried: c.Retried - other.Retried, Unclear: c.Unclear - other.Unclear,
		Created: c.Created - other.Created, Existing: c.Existing - other.Existing,
		Failed: c.Failed - other.Failed, Undone: c.Undone - other.Undone,
	}
}

// A Tally is Counts that many goroutines add to. Its zero value is ready.
type Tally struct {
	sent, throttled, retried, unclear atomic.Int64
	created, existing, failed, undone atomic.Int64
}

// Counts reads the tally. Figures read while calls are under way may be of
// slightly different moments.
func (t *Tally) Counts() Counts {
	return Counts{
		Sent:      t.sent.Load(),
		Throttled: t.throttled.Load(),
		Retried:   t.retried.Load(),
		Unclear:   t.unclear.Load(),
		Created:   t.created.Load(),
		Existing:  t.existing.Load(),
		Failed:    t.failed.Load(),
		Undone:    t.undone.Load(),
	}
}

func (t *Tally) outcome(s State) {
	switch s {
	case Created:
		t.created.Add(1)
	case Existing:
		t.existing.Add(1)
	case Failed:
		t.failed.Add(1)
	case Undone:
		t.undone.Add(1)
	}
}
