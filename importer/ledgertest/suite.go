package ledgertest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"relink/importer"
)

// A Store is what the suite needs of an implementation. Its methods fail the
// test themselves when they cannot do what they are for.
type Store interface {
	// Load appends relations as the lines of one more file, in this order.
	// A relation that the store knows already is not loaded again.
	Load(relations ...importer.Relation)
	// Lane returns the ledger of a location for a new run over all that is
	// loaded. It is not open yet.
	Lane(location string) importer.Ledger
	// Kill takes the connection of an open lane away, and with it its lock,
	// as kill -9 does to a run. It returns when the lock is free.
	Kill(lane importer.Ledger)
	// States says where every relation stands; one that lies in a claim and
	// has no outcome is Sending.
	States() map[importer.Relation]importer.State
}

// Run proves that what newStore returns, empty each time, keeps the contract of
// importer.Ledger.
func Run(t *testing.T, newStore func(t *testing.T) Store) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.test(&trial{T: t, Store: newStore(t)})
		})
	}
}

var cases = []struct {
	name string
	test func(*trial)
}{
	{"claims are durable, in order and bounded", claimsInOrder},
	{"a claim skips what is settled", claimSkipsSettled},
	{"two claims share no row", claimsShareNothing},
	{"locations do not see each other", locationsApart},
	{"repeated pairs are one row", repeatedPairs},
	{"settling twice is once", settleTwice},
	{"repeated outcomes in one batch", repeatedOutcomes},
	{"every outcome is kept", outcomesKept},
	{"release puts back", releasePutsBack},
	{"release twice, and of nothing", releaseTwice},
	{"a busy location", busyLocation},
	{"open on an open lane changes nothing", openTwice},
	{"a closed lane writes nothing", closedRefuses},
	{"a lost lock refuses every write", lostRefuses},
	{"doubt is reported after a kill", doubtAfterKill},
	{"what was left behind comes first", doubtFirst},
	{"doubt survives any number of kills", doubtAgainAndAgain},
	{"kept rows stay in doubt", keptForNext},
	{"kept rows come back to the same run", keptForSame},
	{"kept beside rows in flight", keptBesideFlight},
	{"reopened: nothing outstanding is doubled", reopenDoublesNothing},
	{"reopened: nothing outstanding is lost", reopenLosesNothing},
	{"reopened after close", reopenAfterClose},
	{"taken over: release touches nothing", takenOverRelease},
	{"taken over and settled: nothing changes it", takenOverSettled},
	{"new lines reach a new run", newLines},
}

// A trial is a store with a test's ways to use it.
type trial struct {
	*testing.T
	Store
}

func pair(location string, n int) importer.Relation {
	return importer.Relation{Location: location, Association: "friend", First: fmt.Sprintf("a%03d", n), Second: fmt.Sprintf("b%03d", n)}
}

func pairs(location string, n int) []importer.Relation {
	relations := make([]importer.Relation, n)
	for i := range relations {
		relations[i] = pair(location, i)
	}
	return relations
}

// loaded loads n pairs at "loc" and opens a lane over them.
func (b *trial) loaded(n int) importer.Ledger {
	b.Helper()
	b.Load(pairs("loc", n)...)
	return b.open("loc")
}

func (b *trial) open(location string) importer.Ledger {
	b.Helper()
	lane := b.Lane(location)
	b.ok(lane.Open(b.Context()))
	return lane
}

func (b *trial) ok(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *trial) ends(err, want error) {
	b.Helper()
	if !errors.Is(err, want) {
		b.Errorf("got error %v, want %v", err, want)
	}
}

// claim claims and checks which pairs of "loc" came, and whether in doubt.
func (b *trial) claim(lane importer.Ledger, n int, doubt bool, want ...int) []importer.Item {
	b.Helper()
	items, err := lane.Claim(b.Context(), n)
	b.ok(err)
	got := make([]importer.Relation, len(items))
	for i, item := range items {
		got[i] = item.Relation
		if item.Doubt != doubt {
			b.Errorf("%v: got doubt %v, want %v", item.Relation, item.Doubt, doubt)
		}
	}
	relations := make([]importer.Relation, len(want))
	for i, n := range want {
		relations[i] = pair("loc", n)
	}
	if !slices.Equal(got, relations) {
		b.Fatalf("claimed %v, want %v", got, relations)
	}
	return items
}

func (b *trial) settle(lane importer.Ledger, state importer.State, items ...importer.Item) {
	b.Helper()
	b.ok(lane.Settle(b.Context(), outcomes(state, items...)))
}

func outcomes(state importer.State, items ...importer.Item) []importer.Outcome {
	var all []importer.Outcome
	for _, item := range items {
		o := importer.Outcome{ID: item.ID, State: state, Status: 201, Attempts: item.Attempts + 1, At: now()}
		if state == importer.Failed {
			o.Cause, o.Status, o.Message = importer.CauseBadRequest, 400, "no"
		}
		all = append(all, o)
	}
	return all
}

// states checks where the pairs of "loc" stand, from the first on.
func (b *trial) states(want ...importer.State) {
	b.Helper()
	all := b.States()
	for i, want := range want {
		if got := all[pair("loc", i)]; got != want {
			b.Errorf("pair %d: got %q, want %q", i, got, want)
		}
	}
}
