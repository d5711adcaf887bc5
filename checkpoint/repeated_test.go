package checkpoint_test

import (
	"fmt"
	"testing"

	"relink/importer"
)

// TestRepeatedIsTheLaterLine: whichever of two lines is stored first, the one
// further up in the file names the pair.
func TestRepeatedIsTheLaterLine(t *testing.T) {
	dsn := newDatabase(t)
	s := open(t, dsn, "https://a")
	var lines []importer.Line
	for i := range 64 {
		lines = append(lines, pair(fmt.Sprint("a", i), "1"))
	}
	// In a block of 64 lines the second comes after the fifth, and the third
	// after both.
	lines[2], lines[4] = lines[1], lines[1]
	imported := load(t, s, lines...)
	if got := books(t, s, imported); got.Repeated != 2 || got.Distinct != 62 {
		t.Errorf("books = %+v, want 2 repeated and 62 distinct", got)
	}
	got := query[string](t, dsn, `SELECT string_agg(line::text, ',' ORDER BY line) FROM relink.row WHERE repeated`)
	if got != "4,6" {
		t.Errorf("lines %s count as repeated, want 4,6", got)
	}
	if items := claim(t, lane(t, s, imported), 100); len(items) != 62 || items[1].Line != 3 || items[1].Relation.First != "a1" {
		t.Errorf("claimed %d items, the second %+v; want 62, and line 3", len(items), items[1])
	}
}
