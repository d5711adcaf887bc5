package checkpoint_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"

	"relink/checkpoint"
	"relink/importer"
)

func TestLoadBooks(t *testing.T) {
	s := open(t, newDatabase(t), "https://a")
	imported := load(t, s,
		pair("a", "1"), pair("b", "1"), pair("a", "1"), rejected(importer.RejectEmpty), pair("b", "1"), pair("B", "1"))
	got := books(t, s, imported)
	want := importer.Books{Rows: 6, Distinct: 3, Repeated: 2, Rejected: 1, Pending: 3}
	if got != want {
		t.Errorf("books = %+v, want %+v", got, want)
	}
	refusals, err := s.Refusals(context.Background(), imported.ID, 10)
	if err != nil || len(refusals) != 1 {
		t.Fatalf("refusals = %v, %v", refusals, err)
	}
	if want := (checkpoint.Refusal{Line: 5, Cause: importer.RejectEmpty, Reason: "first: is bad"}); refusals[0] != want {
		t.Errorf("refusal = %+v, want %+v", refusals[0], want)
	}
}

func TestLoadWholeOrNotAtAll(t *testing.T) {
	dsn := newDatabase(t)
	s := open(t, dsn, "https://a")
	broken := errors.New("the disk is gone")
	n := 0
	_, err := s.Load(context.Background(), checkpoint.File{Delimiter: ','}, func(l *importer.Line) error {
		if n++; n > 1000 {
			return broken
		}
		*l = pair(fmt.Sprint(n), "x")
		l.Number = n
		return nil
	}, func() (string, int64, error) { return "", 0, nil })
	if !errors.Is(err, broken) {
		t.Fatalf("err = %v, want %v", err, broken)
	}
	for _, table := range []string{"import", "row", "relation"} {
		if n := query[int](t, dsn, "SELECT count(*) FROM relink."+table); n != 0 {
			t.Errorf("%d rows in %s after a load that failed", n, table)
		}
	}
	// A file that turns out to be another one at its end is not loaded either.
	_, err = s.Load(context.Background(), checkpoint.File{Delimiter: ','}, func(*importer.Line) error { return io.EOF },
		func() (string, int64, error) { return "", 0, broken })
	if !errors.Is(err, broken) {
		t.Errorf("err = %v, want %v", err, broken)
	}
}

func TestLoadOnce(t *testing.T) {
	s := open(t, newDatabase(t), "https://a")
	const sum = "00000000000000000000000000000000000000000000000000000000000000ff"
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() { _, errs[i] = loadAs(s, sum, pair("a", "1"), pair("b", "2")) })
	}
	wg.Wait()
	loaded := 0
	for _, err := range errs {
		switch {
		case err == nil:
			loaded++
		case !errors.Is(err, checkpoint.ErrLoaded):
			t.Errorf("err = %v, want ErrLoaded", err)
		}
	}
	if loaded != 1 {
		t.Errorf("the same content was loaded %d times at once", loaded)
	}
	found, err := s.Find(context.Background(), sum, "plain")
	if err != nil || found == nil || found.Pairs != 2 {
		t.Fatalf("Find = %+v, %v", found, err)
	}
	if found, err := s.Find(context.Background(), sum, "swapped"); err != nil || found != nil {
		t.Errorf("read another way: Find = %+v, %v, want nothing", found, err)
	}
}

// TestTargetIsIdentity: a rehearsal never marks a live pair as done.
func TestTargetIsIdentity(t *testing.T) {
	dsn := newDatabase(t)
	rehearsal, live := open(t, dsn, "http://127.0.0.1:1"), open(t, dsn, "https://live")
	a := load(t, rehearsal, pair("a", "1"))
	settleAll(t, lane(t, rehearsal, a), importer.Created)
	b := load(t, live, pair("a", "1"))
	if got := books(t, live, b); got.Pending != 1 || b.Known != 0 {
		t.Errorf("live books = %+v (known %d), want one pending pair", got, b.Known)
	}
	if err := rehearsal.Forget(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := books(t, live, b); got.Pending != 1 {
		t.Errorf("after the rehearsal was forgotten: %+v, want one pending pair", got)
	}
}

// TestNewFileRevives: failed and undone pairs in a new file are tried again,
// created and existing ones are not.
func TestNewFileRevives(t *testing.T) {
	s := open(t, newDatabase(t), "https://a")
	imported := load(t, s, pair("a", "1"), pair("b", "1"), pair("c", "1"))
	l := lane(t, s, imported)
	items := claim(t, l, 10)
	settle(t, l, outcome(items[0], importer.Created), outcome(items[1], importer.Failed), outcome(items[2], importer.Existing))
	again := load(t, s, pair("c", "1"), pair("b", "1"), pair("a", "1"), pair("d", "1"))
	if got := books(t, s, again); got.Pending != 2 || got.Created != 1 || got.Existing != 1 || again.Known != 3 {
		t.Errorf("books of the new file = %+v, known %d; want b and d pending", got, again.Known)
	}
}

// TestLoadManyUnits: more locations and associations than are remembered.
func TestLoadManyUnits(t *testing.T) {
	s := open(t, newDatabase(t), "https://a")
	var lines []importer.Line
	for i := range 5000 {
		line := pair("a", "1")
		line.Relation.Association = fmt.Sprint("assoc", i%4500)
		lines = append(lines, line)
	}
	if got := books(t, s, load(t, s, lines...)); got.Distinct != 4500 || got.Repeated != 500 {
		t.Errorf("books = %+v", got)
	}
}

// TestOverlappingLoads: files that share pairs in opposite orders, at once.
func TestOverlappingLoads(t *testing.T) {
	s := open(t, newDatabase(t), "https://a")
	var up, down []importer.Line
	for i := range 3000 {
		up = append(up, pair(fmt.Sprint(i), "x"))
		down = append(down, pair(fmt.Sprint(2999-i), "x"))
	}
	var wg sync.WaitGroup
	for i, lines := range [][]importer.Line{up, down, up[:2000], down[:2500]} {
		wg.Go(func() {
			if _, err := loadAs(s, fmt.Sprintf("%064x", 1<<40+i), lines...); err != nil {
				t.Errorf("file %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	imports, err := s.Imports(context.Background())
	if err != nil || len(imports) != 4 {
		t.Fatalf("imports = %v, %v", imports, err)
	}
	for _, imported := range imports {
		books(t, s, &imported)
	}
}
