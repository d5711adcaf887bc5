package checkpoint_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"relink/checkpoint"
	"relink/importer"
)

// translation is a map of legacy ids and their records, in turns.
func translation(ids ...string) checkpoint.Map {
	return func(l *importer.Line) error {
		if len(ids) == 0 {
			return io.EOF
		}
		l.Relation.First, l.Relation.Second, ids = ids[0], ids[1], ids[2:]
		return nil
	}
}

// each hands out lines, numbered from 2.
func each(lines []importer.Line) func(*importer.Line) error {
	next := 0
	return func(l *importer.Line) error {
		if next == len(lines) {
			return io.EOF
		}
		*l = lines[next]
		next++
		l.Number = next + 1
		l.Raw = []byte("as it came")
		return nil
	}
}

func loadMapped(t *testing.T, s *checkpoint.Store, first, second checkpoint.Map, lines ...importer.Line) *checkpoint.Import {
	t.Helper()
	file := checkpoint.File{Name: "old.csv", Reading: "mapped", Delimiter: ',', FirstMap: first, SecondMap: second}
	imported, err := s.Load(context.Background(), file, each(lines),
		func() (string, int64, error) { return fmt.Sprintf("%064x", contents.Add(1)), 1, nil })
	if err != nil {
		t.Fatalf("loading: %v", err)
	}
	return imported
}

// TestMapNamesTheSameRelation: a pair is the same whether its record ids stand
// in the file or come from maps, so the hash that Postgres makes of it is the
// one that Go makes, whatever the lengths of the texts.
func TestMapNamesTheSameRelation(t *testing.T) {
	dsn := newDatabase(t)
	s := open(t, dsn, "https://"+strings.Repeat("host.", 40)+"example")
	var plain, old []importer.Line
	var first, second []string
	for i, id := range []string{"a", strings.Repeat("b", 126), strings.Repeat("c", 127), strings.Repeat("d", 128), strings.Repeat("e", 255), strings.Repeat("f", 256), strings.Repeat("g", 512), "straße", `\x00`, "Ünï'q"} {
		line := pair(id, "2:"+id)
		line.Relation.Association = "assoc" + strings.Repeat("s", i*20)
		plain = append(plain, line)
		line.Relation.First, line.Relation.Second = fmt.Sprint("old", i), fmt.Sprint("alt", i)
		old = append(old, line)
		first = append(first, fmt.Sprint("old", i), id)
		second = append(second, fmt.Sprint("alt", i), "2:"+id)
	}
	load(t, s, plain...)
	if got := loadMapped(t, s, translation(first...), translation(second...), old...); int(got.Known) != len(plain) {
		t.Errorf("of %d pairs that the ledger knows, %d were recognised through the maps", len(plain), got.Known)
	}
	if n := query[int](t, dsn, `SELECT count(*) FROM relink.relation`); n != len(plain) {
		t.Errorf("%d relations, want %d", n, len(plain))
	}
}

func TestMap(t *testing.T) {
	dsn := newDatabase(t)
	s := open(t, dsn, "https://a")
	first := func() checkpoint.Map {
		return translation("1", "A", "2", "B", "3", "C", "3", "C", "4", "D", "4", "E", "9", "A")
	}
	lines := []importer.Line{
		pair("1", "x"), pair("2", "x"), pair("3", "x"), pair("4", "x"), pair("5", "x"), pair("9", "x"), rejected(importer.RejectEmpty),
	}
	file := checkpoint.File{Name: "old.csv", Reading: "mapped", Delimiter: ',', FirstMap: first()}
	r, err := s.Resolve(context.Background(), file, each(lines))
	if want := (checkpoint.Resolution{Rows: 7, Resolved: 4, Unmapped: 1, Ambiguous: 1, Rejected: 1}); err != nil || r != want {
		t.Errorf("Resolve = %+v, %v, want %+v", r, err, want)
	}
	if n := query[int](t, dsn, `SELECT (SELECT count(*) FROM relink.row) + (SELECT count(*) FROM relink.unit)`); n != 0 {
		t.Errorf("the forecast left %d rows behind", n)
	}
	imported := loadMapped(t, s, first(), nil, lines...)
	want := importer.Books{Rows: 7, Distinct: 3, Repeated: 1, Rejected: 3, Pending: 3}
	if got := books(t, s, imported); got != want {
		t.Errorf("books = %+v, want %+v", got, want)
	}
	refusals, err := s.Refusals(context.Background(), imported.ID, 10)
	if err != nil || len(refusals) != 3 {
		t.Fatalf("refusals = %v, %v", refusals, err)
	}
	for i, want := range []checkpoint.Refusal{
		{Line: 5, Cause: importer.RejectAmbiguous, Reason: "the legacy id 4 has two records in the first map, D and E"},
		{Line: 6, Cause: importer.RejectUnmapped, Reason: "the legacy id 5 has no record in the first map"},
		{Line: 8, Cause: importer.RejectEmpty, Reason: "first: is bad"},
	} {
		if refusals[i] != want {
			t.Errorf("refusal = %+v, want %+v", refusals[i], want)
		}
	}
	if n := query[int](t, dsn, `SELECT count(*) FROM relink.row WHERE raw = 'as it came'`); n != 7 {
		t.Errorf("%d rows can be handed back as they came, want 7", n)
	}
	// Both sides.
	imported = loadMapped(t, s, first(), translation("x", "X"), pair("1", "x"), pair("5", "y"))
	if got := books(t, s, imported); got.Pending != 1 || got.Rejected != 1 {
		t.Errorf("books = %+v, want one of each", got)
	}
	refusals, _ = s.Refusals(context.Background(), imported.ID, 10)
	if want := "the legacy id 5 has no record in the first map; the legacy id y has no record in the second map"; len(refusals) != 1 || refusals[0].Reason != want {
		t.Errorf("refusals = %+v, want %q", refusals, want)
	}
}

func TestBrokenMapUndoesTheLoad(t *testing.T) {
	dsn := newDatabase(t)
	s := open(t, dsn, "https://a")
	broken := errors.New("the map changed while it was read")
	file := checkpoint.File{Delimiter: ',', FirstMap: func(*importer.Line) error { return broken }}
	_, err := s.Load(context.Background(), file, each([]importer.Line{pair("1", "x")}), nil)
	if !errors.Is(err, broken) {
		t.Errorf("err = %v, want %v", err, broken)
	}
	if n := query[int](t, dsn, `SELECT count(*) FROM relink.import`); n != 0 {
		t.Errorf("%d imports after a load that failed", n)
	}
}
