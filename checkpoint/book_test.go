package checkpoint_test

import (
	"context"
	"testing"

	"relink/checkpoint"
	"relink/importer"
)

// TestSharesWhateverIsUsual: the state that is not looked up is a matter of
// speed alone.
func TestSharesWhateverIsUsual(t *testing.T) {
	s := open(t, newDatabase(t), "https://a")
	imported := load(t, s, pair("a", "1"), pair("b", "1"), rejected(importer.RejectEmpty), pair("c", "1"), pair("a", "1"), pair("d", "1"), pair("e", "1"))
	l := lane(t, s, imported)
	items := claim(t, l, 4)
	settle(t, l, outcome(items[0], importer.Created), outcome(items[1], importer.Failed), outcome(items[2], importer.Existing))

	want := map[importer.State]int64{importer.Created: 2, importer.Failed: 3, importer.Existing: 5, importer.Sending: 7, importer.Pending: 8}
	for _, usual := range []importer.State{importer.Pending, importer.Created, importer.Existing, importer.Failed, importer.Undone} {
		shares, err := checkpoint.SharesWith(s, context.Background(), []int64{imported.ID}, usual)
		if err != nil {
			t.Fatal(err)
		}
		for _, share := range shares {
			if share.Pairs != 1 || share.Line != want[share.State] {
				t.Errorf("with %s as usual: %+v, want 1 pair in line %d", usual, share, want[share.State])
			}
		}
		if len(shares) != len(want) {
			t.Errorf("with %s as usual: %+v, want each of %v", usual, shares, want)
		}
	}
}
