package ledgertest

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"relink/importer"
)

// An Op is one of a ledger's operations.
type Op string

// The operations of a ledger.
const (
	Open    Op = "Open"
	Claim   Op = "Claim"
	Settle  Op = "Settle"
	Release Op = "Release"
	Keep    Op = "Keep"
	Check   Op = "Check"
	Close   Op = "Close"
)

// Ops are all operations.
var Ops = []Op{Open, Claim, Settle, Release, Keep, Check, Close}

// A Fault is what goes wrong with one call. The zero value is none.
type Fault struct {
	Err     error         // what the call ends with; ErrLost costs the connection
	Applied bool          // it ends with Err, but it was carried out
	Before  time.Duration // that passes before it is carried out
	After   time.Duration // that passes between that and the answer
}

// Memory is a store of relations with a lane for each location. Make it with
// NewMemory. All methods may be called by many goroutines.
type Memory struct {
	// Fault, if set, is asked about every call of every lane, once each.
	Fault func(lane *MemoryLane, op Op) Fault

	mu        sync.Mutex
	records   map[importer.Relation]*record
	byID      []*record            // ID-1
	locations map[string]*location // by name
	breaches  []string
}

// A record is one relation.
type record struct {
	id        int64
	line      int64
	relation  importer.Relation
	state     importer.State
	uncertain bool
	attempts  int
	cause     importer.Cause
	message   string
	claim     *claim // nil: none
}

// A claim is what one Claim took.
type claim struct {
	id    int64
	owner *MemoryLane
	of    map[int64]*record
}

// A location is what a lock covers.
type location struct {
	records []*record // by line
	claims  map[int64]*claim
	last    int64 // id of the last claim
	holder  *MemoryLane
	ghost   time.Time // the lock of a cut connection is held until then
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{records: map[importer.Relation]*record{}, locations: map[string]*location{}}
}

// Load appends lines; a relation known already is not loaded again.
func (m *Memory) Load(relations ...importer.Relation) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range relations {
		if m.records[r] != nil {
			continue
		}
		rec := &record{id: int64(len(m.byID) + 1), line: int64(len(m.byID) + 2), relation: r, state: importer.Pending}
		m.records[r] = rec
		m.byID = append(m.byID, rec)
		at := m.at(r.Location)
		at.records = append(at.records, rec)
	}
}

// at must be called with mu held.
func (m *Memory) at(name string) *location {
	if m.locations[name] == nil {
		m.locations[name] = &location{claims: map[int64]*claim{}}
	}
	return m.locations[name]
}

// Lane starts a run over what is pending at a location.
func (m *Memory) Lane(location string) importer.Ledger {
	return m.lane(location, importer.Pending)
}

// Undo starts a run over what was created at a location.
func (m *Memory) Undo(location string) importer.Ledger {
	return m.lane(location, importer.Created)
}

func (m *Memory) lane(location string, from importer.State) *MemoryLane {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &MemoryLane{store: m, name: location, at: m.at(location), from: from, outstanding: map[int64]bool{}}
}

// Retry makes failed relations of a location pending again.
func (m *Memory) Retry(location string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.at(location).records {
		if r.state == importer.Failed {
			r.state, r.cause, r.attempts = importer.Pending, "", 0
		}
	}
}

// Kill takes a lane's connection away, and with it its lock, at once.
func (m *Memory) Kill(lane importer.Ledger) { m.Cut(lane, 0) }

// Cut takes a lane's connection away; its lock is held for a while still.
func (m *Memory) Cut(lane importer.Ledger, lock time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	lane.(*MemoryLane).lose(lock)
}

// States says where each relation stands. One that lies in a claim is Sending.
func (m *Memory) States() map[importer.Relation]importer.State {
	m.mu.Lock()
	defer m.mu.Unlock()
	states := make(map[importer.Relation]importer.State, len(m.byID))
	for _, r := range m.byID {
		states[r.relation] = r.seen()
	}
	return states
}

func (r *record) seen() importer.State {
	if r.claim != nil && r.state == importer.Pending {
		return importer.Sending
	}
	return r.state
}

// A Row is all that the store knows of a relation.
type Row struct {
	State     importer.State // Sending where it lies in a claim
	Uncertain bool
	Attempts  int
	Cause     importer.Cause
	Message   string
}

// Row returns what is known of a relation.
func (m *Memory) Row(relation importer.Relation) Row {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.records[relation]
	if r == nil {
		return Row{}
	}
	return Row{State: r.seen(), Uncertain: r.uncertain, Attempts: r.attempts, Cause: r.cause, Message: r.message}
}

// Claimed is how many relations lie in claims.
func (m *Memory) Claimed() (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.byID {
		if r.claim != nil && (r.state == importer.Pending || r.state == importer.Created) {
			n++
		}
	}
	return n
}

// Breaches are the calls that broke the contract of importer.Ledger: two at a
// time on one lane, or an outcome that no row may have.
func (m *Memory) Breaches() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.breaches)
}

// breach must be called with mu held.
func (m *Memory) breach(format string, args ...any) {
	m.breaches = append(m.breaches, fmt.Sprintf(format, args...))
}

// oldest is the oldest claim that holds relations which are not outstanding.
func (l *MemoryLane) oldest() *claim {
	for _, id := range slices.Sorted(maps.Keys(l.at.claims)) {
		c := l.at.claims[id]
		for id, r := range c.of {
			if r.state == l.from && !l.outstanding[id] {
				return c
			}
		}
	}
	return nil
}
