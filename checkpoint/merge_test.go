package checkpoint_test

import (
	"testing"

	"relink/importer"
)

// TestRepeatsOfKnownPairs: a pair that the ledger knew is one pair of the new
// file, and its further lines repeat it, as those of a new pair do.
func TestRepeatsOfKnownPairs(t *testing.T) {
	dsn := newDatabase(t)
	s := open(t, dsn, "https://a")
	load(t, s, pair("a", "1"), pair("b", "1"))
	again := load(t, s,
		pair("new", "1"), pair("a", "1"), pair("a", "1"), rejected(importer.RejectEmpty),
		pair("new", "1"), pair("b", "1"), pair("a", "1"), pair("other", "1"))
	want := importer.Books{Rows: 8, Distinct: 4, Repeated: 3, Rejected: 1, Pending: 4}
	if got := books(t, s, again); got != want || again.Known != 2 {
		t.Errorf("books = %+v (known %d), want %+v (known 2)", got, again.Known, want)
	}
	first := query[string](t, dsn, `
		SELECT string_agg(line::text, ' ' ORDER BY line) FROM relink.row
		WHERE import = $1 AND NOT repeated AND relation IS NOT NULL`, again.ID)
	if want := "2 3 7 9"; first != want {
		t.Errorf("lines %s name a pair for the first time, want %s", first, want)
	}
	if n := query[int](t, dsn, `SELECT count(DISTINCT relation) FROM relink.row`); n != 4 {
		t.Errorf("the rows name %d relations, want 4", n)
	}
}
