package source

import (
	"strings"
	"testing"

	"relink/importer"
)

func TestKeyColumn(t *testing.T) {
	const rows = "loc,student,a,b\n"
	for _, test := range []struct {
		name, header string
		options      Options
		key          string // the column
		association  string
		err          string
	}{
		{name: "by key", header: "locationId,associationKey,first,second", key: "associationKey", association: "student"},
		{name: "any spelling", header: "Location ID, Association_KEY ,first,second", key: " Association_KEY ", association: "student"},
		{name: "over the default", header: "locationId,association-key,first,second", options: Options{Association: "assoc"}, key: "association-key", association: "student"},
		{name: "by id", header: "locationId,associationId,first,second", association: "student"},
		{name: "default only", header: "locationId,note,first,second", options: Options{Association: "assoc"}, association: "assoc"},
		{name: "both", header: "associationId,associationKey,first,second", options: Options{Location: "loc"}, err: "both say which association"},
		{name: "named by hand", header: "locationId,associationKey,first,second", options: Options{AssociationColumn: "associationKey"}, key: "associationKey", association: "student"},
		{name: "another column is missing", header: "locationId,associationKey,firts,second", err: "no column holds the firstRecordId"},
		{name: "no association at all", header: "locationId,note,first,second", err: "no column holds the associationId"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := NewKeyed("test.csv", strings.NewReader(test.header+"\n"+rows), test.options)
			if err != nil {
				if test.err == "" || !strings.Contains(err.Error(), test.err) || !strings.Contains(err.Error(), "test.csv:1:") {
					t.Fatalf("err = %v, want %q in line 1", err, test.err)
				}
				return
			}
			defer r.Close()
			if test.err != "" {
				t.Fatalf("no error, want %q", test.err)
			}
			if got := r.KeyColumn(); got != test.key {
				t.Errorf("KeyColumn = %q, want %q", got, test.key)
			}
			var line importer.Line
			if err := r.Next(&line); err != nil || line.Rejected != nil || line.Relation.Association != test.association || line.Relation.First != "a" {
				t.Errorf("line = %+v, %v", line, err)
			}
		})
	}
}

func TestKeepRaw(t *testing.T) {
	r, err := New("test.csv", strings.NewReader("first,second\na,b\n\"c\",d\n"), Options{Location: "loc", Association: "assoc"})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	r.KeepRaw()
	for _, want := range []string{"a,b", `"c",d`} {
		var line importer.Line
		if err := r.Next(&line); err != nil || string(line.Raw) != want {
			t.Errorf("raw = %q, %v, want %q", line.Raw, err, want)
		}
	}
}
