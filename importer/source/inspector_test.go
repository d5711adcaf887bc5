package source

import (
	"fmt"
	"strings"
	"testing"

	"relink/importer"
)

func TestInspector(t *testing.T) {
	var in Inspector
	line := 1
	see := func(association, first, second string) {
		line++
		in.Inspect(&importer.Line{Number: line, Relation: importer.Relation{Location: "ve9EPM428h8vShlRW1KT", Association: association, First: first, Second: second}})
	}
	const a, b = "67ade73d3ef0dd8c04fbf2a0", "67ade73d3ef0dd8c04fbf2a1"
	for i := range 30 {
		see(a, fmt.Sprintf("ABCDEFGHIJKLMNOPQR%02d", i), fmt.Sprintf("67ade73d3ef0dd8c04fbf2%02d", i))
	}
	see(a, "ABCDEFGHIJKLMNOPQR99", "ve9EPM428h8vShlRW1KT")
	see(a, "6.7E+23", "'67ade73d3ef0dd8c04fbf2a0")
	see(a, "17", "17")
	for i := range 30 { // another association has other objects: not mixed
		see(b, fmt.Sprintf("67ade73d3ef0dd8c04fbf2%02d", i), fmt.Sprintf("aBCDEFGHIJKLMNOPQR%02d", i))
	}
	in.Inspect(&importer.Line{Number: 99, Rejected: &importer.Rejection{}})
	var got []string
	for _, w := range in.Warnings() {
		if w.Association != a || w.Message == "" {
			t.Errorf("%+v", w)
		}
		got = append(got, fmt.Sprintf("%s %s %d %d %s", w.Column, w.Kind, w.Count, w.Line, w.Value))
	}
	want := `firstRecordId spreadsheet_number 1 33 6.7E+23
firstRecordId unusual_shape 1 34 17
firstRecordId one_case 31 2 ABCDEFGHIJKLMNOPQR00
secondRecordId spreadsheet_quote 1 33 '67ade73d3ef0dd8c04fbf2a0
secondRecordId unusual_shape 1 34 17
secondRecordId mixed_shapes 1 32 ve9EPM428h8vShlRW1KT
secondRecordId linked_to_itself 1 34 17`
	if strings.Join(got, "\n") != want {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), want)
	}
}

// TestInspectorBounded: every line another association, and memory stands still.
func TestInspectorBounded(t *testing.T) {
	var in Inspector
	for i := range 10_000 {
		in.Inspect(&importer.Line{Number: i, Relation: importer.Relation{Association: fmt.Sprint("a", i), First: "f", Second: "s"}})
	}
	if len(in.groups) > maxGroups+1 {
		t.Errorf("%d groups", len(in.groups))
	}
}

func TestLook(t *testing.T) {
	for id, want := range map[string]shape{
		"": shapeOther, "17": shapeOther, "ve9EPM428h8vShlRW1KT": shapeLetter, "67ade73d3ef0dd8c04fbf2a0": shapeHex,
		"6.7E+23": shapeNumber, "6,7e+23": shapeNumber, "'x": shapeQuoted, `="x"`: shapeQuoted, "2024-01-02": shapeOther,
		"67ade73d3ef0dd8c04fbf2ag": shapeOther, "ve9EPM428h8vShlRW1K-": shapeOther,
	} {
		if got, _, _ := look(id); got != want {
			t.Errorf("%q is %s, want %s", id, shapeNames[got], shapeNames[want])
		}
	}
}
