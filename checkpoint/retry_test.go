package checkpoint_test

import (
	"context"
	"testing"
	"time"

	"relink/checkpoint"
	"relink/importer"
)

// fail settles all pairs of a lane as failed, by turns for two causes, and
// closes it.
func fail(t *testing.T, l *checkpoint.Lane) {
	t.Helper()
	ctx := context.Background()
	items, err := l.Claim(ctx, 100)
	if err != nil {
		t.Fatal(err)
	}
	var outcomes []importer.Outcome
	for i, item := range items {
		cause := importer.CauseInvalidRecord
		if i%2 == 1 {
			cause = importer.CauseNotFound
		}
		outcomes = append(outcomes, importer.Outcome{ID: item.ID, State: importer.Failed, Cause: cause, Message: "no 'x1' here", At: time.Now()})
	}
	if err := l.Settle(ctx, outcomes); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestRetry(t *testing.T) {
	ctx := context.Background()
	s := open(t, newDatabase(t), "https://a.example")
	imported := load(t, s, pair("a", "1"), pair("b", "1"), pair("c", "1"), pair("d", "1"), pair("a", "1"))
	fail(t, lane(t, s, imported))
	imports := []int64{imported.ID}
	count := func(what string, want int64, shares []checkpoint.Share, err error) {
		t.Helper()
		var n int64
		for _, share := range shares {
			n += share.Pairs
		}
		if err != nil || n != want {
			t.Errorf("%s: %d pairs, %v; want %d", what, n, err, want)
		}
	}
	for what, test := range map[string]struct {
		sel  checkpoint.Selection
		want int64
	}{
		"all":        {checkpoint.Selection{Imports: imports}, 4},
		"no import":  {checkpoint.Selection{Imports: []int64{}}, 0},
		"a cause":    {checkpoint.Selection{Imports: imports, Causes: []importer.Cause{importer.CauseNotFound}}, 2},
		"but one":    {checkpoint.Selection{Imports: imports, Without: []importer.Cause{importer.CauseNotFound}}, 2},
		"lines":      {checkpoint.Selection{Imports: imports, Lines: []int64{2, 4}}, 2},
		"a repeated": {checkpoint.Selection{Imports: imports, Lines: []int64{6}}, 1},
	} {
		shares, err := s.Failed(ctx, test.sel)
		count(what, test.want, shares, err)
	}

	// A first retry marks two and is interrupted; the second takes them too.
	first, second := start(t, s), start(t, s)
	half := checkpoint.Selection{Imports: imports, Causes: []importer.Cause{importer.CauseNotFound}}
	if err := s.MarkFailed(ctx, first.ID, half); err != nil {
		t.Fatal(err)
	}
	shares, err := s.Marked(ctx, first.ID, imports)
	count("marked", 2, shares, err)
	shares, err = s.Failed(ctx, half)
	count("marked before", 2, shares, err)

	// While somebody holds the lane they are his.
	held := s.Lane(shares[0].Lane, shares[0].Location, checkpoint.Scope{
		Operation: checkpoint.Create, Run: second.ID, Marked: true, Parts: []checkpoint.Part{{Import: imported.ID}},
	})
	if err := held.Open(ctx); err != nil {
		t.Fatal(err)
	}
	shares, err = s.Failed(ctx, half)
	count("marked by who is at work", 0, shares, err)
	if items, err := held.Claim(ctx, 10); err != nil || len(items) > 0 {
		t.Errorf("claimed %v, %v of what another run marked", items, err)
	}
	if err := held.Close(ctx); err != nil {
		t.Fatal(err)
	}

	if err := s.MarkFailed(ctx, second.ID, checkpoint.Selection{Imports: imports}); err != nil {
		t.Fatal(err)
	}
	shares, err = s.Marked(ctx, second.ID, imports)
	count("marked again", 4, shares, err)
	if err := held.Open(ctx); err != nil {
		t.Fatal(err)
	}
	if items, err := held.Claim(ctx, 10); err != nil || len(items) != 4 {
		t.Errorf("claimed %v, %v; want 4", items, err)
	}
	books(t, s, imported)
}

func start(t *testing.T, s *checkpoint.Store) *checkpoint.Run {
	t.Helper()
	run, err := s.Start(context.Background(), "retry", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func TestFailureGroups(t *testing.T) {
	ctx := context.Background()
	dsn := newDatabase(t)
	if _, err := checkpoint.OpenExisting(ctx, dsn, ""); err != checkpoint.ErrNoLedger {
		t.Errorf("OpenExisting: %v, want ErrNoLedger", err)
	}
	s := open(t, dsn, "https://a.example")
	old := load(t, s, pair("a", "1"), pair("b", "1"), rejected(importer.RejectEmpty))
	fail(t, lane(t, s, old))
	latest := load(t, s, pair("a", "1"), pair("c", "1"))
	fail(t, lane(t, s, latest))
	everywhere, err := checkpoint.OpenExisting(ctx, dsn, "")
	if err != nil {
		t.Fatal(err)
	}
	defer everywhere.Close()
	groups, err := everywhere.FailureGroups(ctx, []int64{old.ID, latest.ID})
	if err != nil || len(groups) != 3 {
		t.Fatalf("groups: %+v, %v", groups, err)
	}
	// a and b, c: a pair of two imports counts once, for the latest.
	if g := groups[0]; g.Rows != 2 || g.Words != "no '…' here" || g.Example.Message != "no 'x1' here" {
		t.Errorf("%+v", g)
	}
	if g := groups[2]; !g.Example.Rejected || g.Rows != 1 || string(g.Example.Raw) != "raw\x00text" {
		t.Errorf("%+v", g)
	}
	runs, err := everywhere.Runs(ctx, 0, 0, 10)
	if err != nil || len(runs) != 2 || runs[0].ID < runs[1].ID || runs[0].Running {
		t.Errorf("runs: %+v, %v", runs, err)
	}
	k, err := s.Known(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	for _, line := range []importer.Line{pair("a", "1"), pair("a", "1"), pair("new", "1")} {
		if err := k.Add(ctx, line.Relation); err != nil {
			t.Fatal(err)
		}
	}
	if shares, err := k.Shares(ctx); err != nil || len(shares) != 1 || shares[0].Pairs != 1 || shares[0].State != importer.Failed {
		t.Errorf("known: %+v, %v", shares, err)
	}
}
