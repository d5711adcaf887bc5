package source

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"relink/importer"
)

func TestPairs(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	p, err := NewPairs(10)
	if err != nil {
		t.Fatal(err)
	}
	add := func(file, place, line int, first, second string) {
		t.Helper()
		r := importer.Relation{Location: fmt.Sprint(place), Association: "a", First: first, Second: second}
		if err := p.Add(file, place, line, &r); err != nil {
			t.Fatal(err)
		}
	}
	add(0, 0, 2, "x", "y")
	add(0, 0, 3, "y", "x") // reversed
	add(0, 0, 4, "x", "y") // repeated
	add(0, 1, 5, "x", "y") // another location
	add(0, 0, 6, "xy", "") // ids do not run together
	add(0, 0, 7, "s", "s")
	add(0, 0, 8, "s", "s") // repeated, and not reversed
	add(1, 0, 2, "y", "x") // repeated
	found, err := p.Find(2, 2)
	if err != nil {
		t.Fatal(err)
	}
	if want := []int64{4, 1}; !slices.Equal(found.Distinct, want) {
		t.Errorf("distinct %v, want %v", found.Distinct, want)
	}
	if want := []int64{2, 1}; !slices.Equal(found.Repeated, want) {
		t.Errorf("repeated %v, want %v", found.Repeated, want)
	}
	if want := []Twin{{0, 4, 0, 2}, {0, 8, 0, 7}, {1, 2, 0, 3}}; !slices.Equal(found.Repeats, want) {
		t.Errorf("repeats %v, want %v", found.Repeats, want)
	}
	if want := []Twin{{0, 3, 0, 2}}; found.Reversed != 1 || !slices.Equal(found.Reverses, want) {
		t.Errorf("%d reversed %v, want %v", found.Reversed, found.Reverses, want)
	}
	p.Close()
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestPairsAgainstMap: the same answer as a map gives.
func TestPairsAgainstMap(t *testing.T) {
	p, err := NewPairs(50)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	dice := rand.New(rand.NewPCG(1, 2))
	seen := map[importer.Relation]int{}
	var want []Twin
	repeated, reversed := int64(0), int64(0)
	for line := range 20_000 {
		r := importer.Relation{First: fmt.Sprint(dice.IntN(150)), Second: fmt.Sprint(dice.IntN(150))}
		if err := p.Add(0, 0, line, &r); err != nil {
			t.Fatal(err)
		}
		if earlier, known := seen[r]; known {
			repeated++
			if len(want) < 50 {
				want = append(want, Twin{Line: line, Earlier: earlier})
			}
			continue
		}
		seen[r] = line
		if _, known := seen[r.Reversed()]; known && r.First != r.Second {
			reversed++
		}
	}
	found, err := p.Find(1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if found.Distinct[0] != int64(len(seen)) || found.Repeated[0] != repeated || found.Reversed != reversed || !slices.Equal(found.Repeats, want) {
		t.Errorf("%d distinct, %d repeated, %d reversed, %v; want %d, %d, %d, %v", found.Distinct[0], found.Repeated[0], found.Reversed,
			found.Repeats, len(seen), repeated, reversed, want)
	}
}
