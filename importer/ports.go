package importer

import (
	"context"
	"errors"
)

// What a Ledger's calls may end with, besides success.
var (
	// ErrBusy: another run holds the location.
	ErrBusy = errors.New("another run holds this location")
	// ErrLost: the connection is gone, and with it the lock on the location.
	// Nothing was written, or it was written whole; Open finds out.
	ErrLost = errors.New("the connection to the ledger is lost")
)

// A Ledger is the durable record of one lane: one location of one target, over
// one selection of relations. Its methods are called by one goroutine at a time.
//
// Every method may end with an error that wraps ErrLost: the lane's lock is
// gone, nothing more is written until Open succeeds again. Any other error but
// the ones named means that the run cannot go on. A context that ends may cost
// the connection, so a call that must be finished gets a context of its own.
type Ledger interface {
	// Open takes the location's lock, first or again after ErrLost or Close.
	// When it returns nil this lane is the only writer of the location. What
	// a dead run left claimed comes back from Claim first, in doubt, and so
	// does what this one had claimed without learning of it. Relations that
	// Claim returned and that were not settled, released or kept since are
	// outstanding: Claim does not return them again, and they are in doubt for
	// the next run if this one dies. Open ends with ErrBusy while another run
	// holds the location. To call it on an open lane changes nothing.
	Open(ctx context.Context) error

	// Claim returns up to n relations that no other claim holds, oldest line
	// first; what was left without an outcome comes first, marked as Doubt
	// (a claim at a time, so there may be more than n). When it returns, the claim is durable: no call may be made
	// for a relation before. An empty result means that nothing is left.
	Claim(ctx context.Context, n int) ([]Item, error)

	// Settle writes outcomes, all or none, and ends their claims. Durable
	// when it returns. To settle a relation twice, or one that another run
	// settled since, changes nothing.
	Settle(ctx context.Context, outcomes []Outcome) error

	// Release puts back claimed relations for which no call was made, or
	// none that can have been carried out, all or none: Claim returns them
	// again. Those that another run has claimed since are left alone. To
	// release a relation twice changes nothing.
	Release(ctx context.Context, items []Item) error

	// Keep records that the calls for these items stayed without a clear
	// answer: their attempts are stored, and they remain in doubt. Claim
	// returns them first thing, to this run or to whoever opens the lane
	// next, unless another run has settled them since.
	Keep(ctx context.Context, items []Item) error

	// Check asks the database whether this lane still holds its lock.
	Check(ctx context.Context) error

	// Close gives the lock back: every other call ends with ErrLost until the
	// lane is opened again.
	Close(ctx context.Context) error
}

// A Sender makes one call to the service for one relation. It is called by
// many goroutines at a time.
type Sender interface {
	// Send makes exactly one attempt. A nil error means that the service
	// carried it out; any other error holds a Class (see ClassOf). The Reply
	// is filled in as far as an answer arrived, in either case.
	Send(ctx context.Context, item Item) (Reply, error)

	// Renew gets a newer credential than the generation that was refused as
	// Stale, once for all callers. nil: there is a newer one, send again.
	// An error means that there is none.
	Renew(ctx context.Context, generation int) error
}

// A Looker asks the service whether a relation is there. A lane that creates
// asks about a row to which the service never gives a clear answer, once nothing
// else is left to be sent. It is called by one goroutine at a time.
type Looker interface {
	// Look makes one attempt, and changes nothing at the service. With a nil
	// error found says whether the service showed the relation, and the
	// Reply has its id. A read is proof of presence, never of absence: reads
	// may lag behind writes. Any other error holds a Class, as Send's does.
	Look(ctx context.Context, item Item) (reply Reply, found bool, err error)
}

// A Pacer says when the next call of a lane may start, whatever its kind.
// Wait is called by one goroutine, the others by many.
type Pacer interface {
	// Wait blocks until one more call may start and takes the slot for it.
	// It ends with the context's error, or with Spent when the day's budget
	// allows no further call.
	Wait(ctx context.Context) error

	// Answered must be called once for each Wait that returned nil, when the
	// call has ended, however it ended: its slot is free again one interval
	// from now. The headers of the answer adjust the limits.
	Answered(q Quota)

	// Unused gives back the slot of a Wait whose call was never started,
	// in place of Answered.
	Unused()

	// Hold starts nothing more before the reply's RetryAfter has passed
	// (without one: the interval), and goes slower for a while after it: the
	// service answered 429.
	Hold(reply Reply)
}
