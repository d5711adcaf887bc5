//go:build unix

package chaos

import (
	"time"
)

// An end is what a scenario has come to.
type end struct {
	scenario string
	stopped  bool // before its end: rows may be pending
}

// verify is the invariant, what everything here is about:
//
//   - the ledger and the service agree, pair by pair;
//   - every good row is created or existing (after a stop: or pending), and
//     what the service has that the ledger does not know of stands in a claim;
//   - no good row is failed, and none is taken for another's work: nobody else
//     makes relations here;
//   - the books balance, and nothing is claimed once a run has ended well;
//   - no pair was sent again but for a lost answer or a row in flight at a kill;
//   - no connection and no process is left.
func (w *world) verify(e end) {
	w.t.Helper()
	r := result{scenario: e.scenario, kills: w.kills, rows: len(w.good)}
	seen := w.service.idle()
	there := w.service.relations()
	w.quiet()
	ledger := w.ledger()
	claimed := w.claimed()

	for p := range w.good {
		state := ledger[p]
		switch {
		case !there[p] && (state == "created" || state == "existing"):
			r.missing++
			w.t.Errorf("%v is %s in the ledger, and the service does not have it", p, state)
		case state == "created":
		case state == "existing":
			w.t.Errorf("%v is existing: relink made it, and will not undo it", p)
		case state == "failed":
			r.falseFailures++
			w.t.Errorf("%v is failed", p)
		case !e.stopped:
			r.missing++
			w.t.Errorf("%v is %q in the ledger at the end", p, state)
		case there[p] && !claimed[p]:
			w.t.Errorf("%v is at the service, %q in the ledger and in no claim: nobody will know that it is in doubt", p, state)
		}
		if r.missing+r.falseFailures > 10 {
			w.t.Fatal("and more")
		}
	}
	for p := range there {
		if !w.good[p] {
			w.t.Errorf("the service has %v, which no file named", p)
		}
	}
	w.books(e)
	r.repeats, r.excuse = seen.RepeatSends, w.allowed+seen.unclear()+w.unasked(seen)
	if r.repeats > r.excuse {
		w.t.Errorf("%d repeat sends, and lost answers and rows in flight account for %d", r.repeats, r.excuse)
	}
	if !w.held {
		if left := processes(w.dir); left != "" {
			w.t.Errorf("processes are left:\n%s", left)
		}
	}
	r.took = time.Since(w.began)
	record(r)
}

// unasked is how many calls relink had no clear answer to beyond the faults that
// were asked for: a busy machine lets calls run into their timeout, too.
func (w *world) unasked(seen stats) int {
	faults := 0
	for _, n := range seen.Faults {
		faults += n
	}
	if query[bool](w.t, w.dsn, `SELECT to_regclass('relink.pulse') IS NULL`)[0] {
		return 0
	}
	return max(0, query[int](w.t, w.dsn, `SELECT coalesce(sum(unclear), 0)::int FROM relink.pulse`)[0]-faults)
}

// ledger is the state of every pair.
func (w *world) ledger() map[pair]string {
	w.t.Helper()
	type row struct{ Location, Association, First, Second, State string }
	states := map[pair]string{}
	for _, r := range queryStructs[row](w.t, w.dsn, `
		SELECT l.location, u.association, r.first, r.second, r.state
		FROM relink.relation r JOIN relink.unit u ON u.id = r.unit JOIN relink.lane l ON l.id = u.lane
		WHERE l.target = $1`, w.service.address) {
		states[pair{r.Location, r.Association, r.First, r.Second}] = r.State
	}
	return states
}

// claimed are the pairs that stand in a claim.
func (w *world) claimed() map[pair]bool {
	w.t.Helper()
	type row struct{ Location, Association, First, Second string }
	all := map[pair]bool{}
	for _, r := range queryStructs[row](w.t, w.dsn, `
		SELECT l.location, u.association, r.first, r.second
		FROM (SELECT DISTINCT unnest(relations) AS id FROM relink.claim) c
		JOIN relink.relation r ON r.id = c.id JOIN relink.unit u ON u.id = r.unit JOIN relink.lane l ON l.id = u.lane`) {
		all[pair{r.Location, r.Association, r.First, r.Second}] = true
	}
	return all
}

// books adds up every import.
func (w *world) books(e end) {
	w.t.Helper()
	for _, wrong := range query[string](w.t, w.dsn, `
		SELECT format('import %s (%s): %s rows, %s pairs, %s repeated, %s rejected; counted %s, %s, %s, %s',
		              i.id, i.name, i.rows, i.pairs, i.repeated, i.rejected, c.rows, c.pairs, c.repeated, c.rejected)
		FROM relink.import i, LATERAL (
		    SELECT count(*) AS rows, count(DISTINCT relation) AS pairs, count(*) FILTER (WHERE repeated) AS repeated,
		           count(*) FILTER (WHERE relation IS NULL) AS rejected
		    FROM relink.row WHERE import = i.id) c
		WHERE (i.rows, i.pairs, i.repeated, i.rejected) IS DISTINCT FROM (c.rows, c.pairs, c.repeated, c.rejected)
		   OR i.rows <> i.pairs + i.repeated + i.rejected`) {
		w.t.Errorf("the books do not balance: %s", wrong)
	}
	for _, wrong := range query[string](w.t, w.dsn, `
		SELECT format('line %s of import %s names relation %s, which is not there', w.line, w.import, w.relation)
		FROM relink.row w LEFT JOIN relink.relation r ON r.id = w.relation
		WHERE w.relation IS NOT NULL AND r.id IS NULL LIMIT 5`) {
		w.t.Error(wrong)
	}
	if n := query[int](w.t, w.dsn, `SELECT count(*)::int FROM relink.claim`)[0]; n > 0 && !e.stopped {
		w.t.Errorf("%d claims are left at the end", n)
	}
}
