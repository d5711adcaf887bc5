package checkpoint

import (
	"errors"
	"io"
	"slices"
	"testing"

	"relink/importer"
)

// spreadOut hands out lines 0 to n-1 and then end. Each has raw, whose first
// byte is its number, in the same piece of memory, as a reader may do it.
func spreadOut(t *testing.T, n int, raw []byte, end error) (got []int, err error) {
	t.Helper()
	i := -1
	next := spread(func(l *importer.Line) error {
		if i++; i == n {
			return end
		}
		raw[0] = byte(i)
		*l = importer.Line{Number: i, Raw: raw}
		return nil
	})
	for {
		var l importer.Line
		if err := next(&l); err != nil {
			return got, err
		}
		if l.Raw[0] != byte(l.Number) {
			t.Fatalf("line %d came with the bytes of another", l.Number)
		}
		got = append(got, l.Number)
	}
}

func TestSpreadLosesNothing(t *testing.T) {
	for _, n := range []int{0, 1, 2, 15, 16, 17, 31, 33, 1000, spreadLines - 1, spreadLines, spreadLines + 1, 3*spreadLines + 5} {
		for _, end := range []error{io.EOF, errors.New("broken")} {
			got, err := spreadOut(t, n, []byte{0}, end)
			if err != end {
				t.Errorf("%d lines end with %v, want %v", n, err, end)
			}
			slices.Sort(got)
			for i, line := range got {
				if i != line {
					t.Fatalf("of %d lines, line %d is missing or came twice", n, i)
				}
			}
			if len(got) != n {
				t.Errorf("%d lines came out of %d", len(got), n)
			}
		}
	}
}

func TestSpreadKeepsNeighboursApart(t *testing.T) {
	got, _ := spreadOut(t, 2*spreadLines, []byte{0}, io.EOF)
	const page = 48 // about as many lie on one
	for from := 0; from+page <= len(got); from += page {
		lines := slices.Sorted(slices.Values(got[from : from+page]))
		for i := range lines[:page-6] {
			if d := lines[i+6] - lines[i]; d < 500 {
				t.Fatalf("seven lines of one page lie within %d lines of the file: %v", d, lines)
			}
		}
	}
}

func TestSpreadBoundsMemory(t *testing.T) {
	got, _ := spreadOut(t, 1000, make([]byte, 64<<10), io.EOF)
	if first := slices.Max(got[:10]); first > spreadBytes/(64<<10) {
		t.Errorf("line %d was read ahead of the first ones: long lines must end a block", first)
	}
}
