package source

import (
	"slices"
	"strings"
	"testing"
)

func TestColumns(t *testing.T) {
	for text, want := range map[string][]int{
		"note,second,first\nx,2,1\n":                           {-1, -1, 2, 1},
		"firstRecordId,secondRecordId,locationId,assoc\n":      {2, -1, 0, 1},
		"associationId,locationId,first,second\na,b,first,2\n": {1, 0, 2, 3},
	} {
		r, err := New("x.csv", strings.NewReader(text), Options{Location: "loc", Association: "assoc", Swap: true})
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Columns(); !slices.Equal(got, want) {
			t.Errorf("%q: columns %v, want %v", text, got, want)
		}
		r.Close()
	}
}

func TestAgain(t *testing.T) {
	for _, test := range []struct {
		o    Options
		want []string
	}{
		{Options{}, nil},
		{Options{Location: "loc", Delimiter: ';', Encoding: "latin-1"}, []string{"--location", "loc"}},
		{Options{Delimiter: ' ', FirstColumn: `the "first" one`, Swap: true}, []string{"--first-column", `the "first" one`, "--swap"}},
		{Options{NoHeader: true, FirstColumn: "2", Association: "a", Clean: true}, []string{"--association", "a", "--clean"}},
	} {
		if got := Again(test.o.Reading()); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.o.Reading(), got, test.want)
		}
	}
	more := Options{Location: "loc"}.Reading() + ` association-key="student" first-map="ab12:old id:2"`
	if got, want := Again(more), []string{"--location", "loc", "--association-key", "student", "--first-map", "FILE:old id:2"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := Again("another text"); got != nil {
		t.Errorf("got %q", got)
	}
}
