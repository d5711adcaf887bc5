package checkpoint_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"relink/checkpoint"
	"relink/importer"
)

// made loads pairs of these first records and settles them by a run of their
// own; one that begins with ? is of uncertain origin, one with - has no id.
func made(t *testing.T, dsn string, s *checkpoint.Store, firsts ...string) (run int64) {
	t.Helper()
	var lines []importer.Line
	for _, first := range firsts {
		lines = append(lines, pair(first, "1"))
	}
	l := lane(t, s, load(t, s, lines...))
	for _, item := range claim(t, l, 1000) {
		o := outcome(item, importer.Created)
		o.Uncertain = item.Relation.First[0] == '?'
		if item.Relation.First[0] != '-' {
			o.RelationID = "id-" + item.Relation.First
		}
		settle(t, l, o)
	}
	if err := l.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	return query[int64](t, dsn, `SELECT max(id)::bigint FROM relink.run`)
}

// undo opens the lane of an undo, as a run of its own.
func undo(t *testing.T, s *checkpoint.Store, run int64, uncertain bool) (*checkpoint.Lane, *checkpoint.Errand) {
	t.Helper()
	ctx := context.Background()
	record, err := s.Start(ctx, "undo", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.Undoing(ctx, run, uncertain)
	if err != nil {
		t.Fatal(err)
	}
	stretches, err := e.Stretches(ctx)
	if err != nil || len(stretches) != 1 {
		t.Fatalf("stretches: %v, %v", stretches, err)
	}
	l := s.Lane(stretches[0].Lane, stretches[0].Location, checkpoint.Scope{
		Operation: checkpoint.Delete, Run: record.ID, Undo: run, Errand: e.ID,
	})
	if err := l.Open(ctx); err != nil {
		t.Fatal(err)
	}
	return l, e
}

func firsts(items []importer.Item) []string {
	var names []string
	for _, item := range items {
		names = append(names, item.Relation.First)
	}
	slices.Sort(names)
	return names
}

// TestUndoPicks: what the run surely created and can be named is claimed, a
// batch at a time, and nothing else.
func TestUndoPicks(t *testing.T) {
	dsn := newDatabase(t)
	s := open(t, dsn, "https://a")
	made(t, dsn, s, "other")
	run := made(t, dsn, s, "a", "b", "c", "?d", "-e")
	l, _ := undo(t, s, run, false)
	var got []importer.Item
	for {
		items := claim(t, l, 2)
		if len(items) == 0 {
			break
		}
		got = append(got, items...)
	}
	if names := firsts(got); !slices.Equal(names, []string{"a", "b", "c"}) {
		t.Errorf("claimed %v, want a, b and c", names)
	}
	for _, item := range got {
		if item.RelationID != "id-"+item.Relation.First || item.Line != 0 || item.Doubt {
			t.Errorf("claimed %+v", item)
		}
	}
	if err := l.Release(context.Background(), got); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	l, _ = undo(t, s, run, true)
	if names := firsts(claim(t, l, 10)); !slices.Equal(names, []string{"?d", "a", "b", "c"}) {
		t.Errorf("with the uncertain ones claimed %v", names)
	}
}

// TestUndoTakesOverItsOwn: what a dead undo left is in doubt for an undo of the
// same run, and no business of another's.
func TestUndoTakesOverItsOwn(t *testing.T) {
	dsn := newDatabase(t)
	s := open(t, dsn, "https://a")
	one, two := made(t, dsn, s, "a", "b"), made(t, dsn, s, "c", "d")
	dead, e := undo(t, s, one, false)
	claim(t, dead, 1)
	if err := dead.Close(context.Background()); err != nil { // its claim stays
		t.Fatal(err)
	}
	l, _ := undo(t, s, two, false)
	if names := firsts(claim(t, l, 10)); !slices.Equal(names, []string{"c", "d"}) {
		t.Errorf("the undo of another run claimed %v, want c and d", names)
	}
	if err := l.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	l, again := undo(t, s, one, false)
	if again.ID != e.ID || !again.Old {
		t.Errorf("the same undo is errand %d, want %d, begun before", again.ID, e.ID)
	}
	first := claim(t, l, 10)
	if len(first) != 1 || !first[0].Doubt {
		t.Fatalf("claimed %+v first, want the one in doubt", first)
	}
	if rest := claim(t, l, 10); len(rest) != 1 || rest[0].Doubt {
		t.Errorf("claimed %+v then, want the other one", rest)
	}
}

// TestUndoLeavesAnotherRuns: of a claim that a dead undo left, what another run
// has created since, after a verify missed it, is no business of the undo.
func TestUndoLeavesAnotherRuns(t *testing.T) {
	dsn := newDatabase(t)
	s := open(t, dsn, "https://a")
	run := made(t, dsn, s, "a", "b")
	dead, _ := undo(t, s, run, false)
	claim(t, dead, 10)
	if err := dead.Close(context.Background()); err != nil { // its claim stays
		t.Fatal(err)
	}
	exec(t, dsn, `UPDATE relink.relation SET state = 'pending', run = NULL, settled_at = NULL, remote_id = NULL WHERE first = 'a'`)
	again := made(t, dsn, s, "a")
	l, _ := undo(t, s, run, false)
	if names := firsts(claim(t, l, 10)); !slices.Equal(names, []string{"b"}) {
		t.Errorf("claimed %v, want b: run %d created a", names, again)
	}
}

// TestUndoSettles: an undone relation keeps the run that made it; one that
// could not be deleted is created still, and of the same origin as before.
func TestUndoSettles(t *testing.T) {
	dsn := newDatabase(t)
	s := open(t, dsn, "https://a")
	run := made(t, dsn, s, "a", "?b")
	l, _ := undo(t, s, run, true)
	for _, item := range claim(t, l, 10) {
		state := importer.Undone
		if item.Relation.First == "?b" {
			state = importer.Created
		}
		settle(t, l, outcome(item, state))
	}
	if n := query[int](t, dsn, `SELECT count(*) FROM relink.relation WHERE run = $1 AND state = 'undone' AND first = 'a'`, run); n != 1 {
		t.Errorf("%d undone relations of run %d, want 1", n, run)
	}
	if n := query[int](t, dsn, `SELECT count(*) FROM relink.relation WHERE run = $1 AND state = 'created' AND uncertain`, run); n != 1 {
		t.Errorf("%d created relations of uncertain origin, want 1", n)
	}
	m, err := s.Made(context.Background(), run)
	if want := (checkpoint.Made{Uncertain: 1, Undone: 1}); err != nil || m != want {
		t.Errorf("made %+v, %v; want %+v", m, err, want)
	}
}

// TestVerifyRounds: a record's pairs come together; a pair is missing after the
// last round only; what was present is not asked for again; ids are filled in.
func TestVerifyRounds(t *testing.T) {
	dsn := newDatabase(t)
	s := open(t, dsn, "https://a")
	l := lane(t, s, load(t, s, pair("a", "1"), pair("b", "1"), pair("a", "2")))
	settleAll(t, l, importer.Created)
	ctx := context.Background()
	e, err := s.Verifying(ctx, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	stretches, err := e.Stretches(ctx)
	if err != nil || len(stretches) != 1 {
		t.Fatalf("stretches: %v, %v", stretches, err)
	}
	for round := 1; round <= 3; round++ {
		var anchors []checkpoint.Anchor
		for after := int64(0); ; {
			some, last, err := e.Anchors(ctx, checkpoint.Sought{Lane: stretches[0].Lane, Round: round}, after, 1)
			if err != nil {
				t.Fatal(err)
			}
			if last == after {
				break
			}
			anchors, after = append(anchors, some...), last
		}
		want := map[int]string{1: "a 2, b 1, ", 2: "a 1, ", 3: "a 1, "}[round]
		slices.SortFunc(anchors, func(x, y checkpoint.Anchor) int { return len(y.Pairs) - len(x.Pairs) })
		got := ""
		var findings []checkpoint.Finding
		for _, a := range anchors {
			got += fmt.Sprintf("%s %d, ", a.First, len(a.Pairs))
			for _, p := range a.Pairs {
				f := checkpoint.Finding{ID: p.ID, Answer: checkpoint.Present, RemoteID: "id" + p.Second}
				if a.First == "a" && p.Second == "2" {
					f = checkpoint.Finding{ID: p.ID, Answer: checkpoint.Missing}
				}
				findings = append(findings, f)
			}
		}
		if got != want {
			t.Errorf("round %d asks for %q, want %q", round, got, want)
		}
		if err := e.Find(ctx, findings, 3); err != nil {
			t.Fatal(err)
		}
	}
	found, err := e.Found(ctx)
	if err != nil || found[checkpoint.Present] != 2 || found[checkpoint.Missing] != 1 || found[""] != 0 {
		t.Errorf("found %v, %v", found, err)
	}
	if n := query[int](t, dsn, `SELECT count(*) FROM relink.relation WHERE remote_id = 'id1'`); n != 2 {
		t.Errorf("%d ids filled in, want 2", n)
	}
	if n, err := e.Requeue(ctx); n != 1 || err != nil {
		t.Errorf("requeued %d, %v; want 1", n, err)
	}
	if n := query[int](t, dsn, `SELECT count(*) FROM relink.relation WHERE state = 'pending' AND first = 'a' AND second = '2'`); n != 1 {
		t.Errorf("%d pending, want the missing one", n)
	}
	if err := e.End(ctx); err != nil {
		t.Fatal(err)
	}
	anew, err := s.Verifying(ctx, 0, 0)
	if err != nil || anew.Old {
		t.Errorf("a verify after the end is %+v, %v; want a new one", anew, err)
	}
}

// TestFindLost: a lost connection is importer.ErrLost, which the engine waits out.
func TestFindLost(t *testing.T) {
	s := open(t, newDatabase(t), "https://a")
	e, err := s.Verifying(context.Background(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	if _, _, err := e.Anchors(context.Background(), checkpoint.Sought{}, 0, 1); !errors.Is(err, importer.ErrLost) {
		t.Errorf("after the pool is closed: %v, want ErrLost", err)
	}
}

// TestUndoLargeAndUnknown: a claim reads a page of the picks, also with
// statistics that know nothing of them and with most of them undone before. The
// join turned around takes minutes here.
func TestUndoLargeAndUnknown(t *testing.T) {
	dsn := newDatabase(t)
	s := open(t, dsn, "https://a")
	run := made(t, dsn, s, "x")
	exec(t, dsn, `
		INSERT INTO relink.relation (hash, unit, first, second, state, run, settled_at, remote_id)
		SELECT gen_random_uuid(), 1, 'f' || g, 's', 'created', $1, now(), 'r' || g FROM generate_series(1, 30000) g`, run)
	l, e := undo(t, s, run, false)
	exec(t, dsn, `UPDATE relink.relation SET state = 'undone' WHERE id % 3 > 0`)
	began := time.Now()
	for range 20 {
		if items := claim(t, l, 100); len(items) != 100 {
			t.Fatalf("claimed %d, want 100", len(items))
		}
	}
	for after, seen := int64(0), 0; seen < 1000; {
		anchors, last, err := e.Anchors(context.Background(), checkpoint.Sought{Lane: 1, Round: 1}, after, 100)
		if err != nil || len(anchors) == 0 {
			t.Fatalf("anchors: %d, %v", len(anchors), err)
		}
		after, seen = last, seen+len(anchors)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("20 claims took %v", took)
	}
}
