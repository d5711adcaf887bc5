package sandbox

import "testing"

func TestRoute(t *testing.T) {
	rows := []struct {
		method, path string
		end          endpoint
		id           string
	}{
		{"POST", "/associations/relations", endCreate, ""},
		{"GET", "/associations/relations", endOther, ""},
		{"GET", "/associations/relations/r", endList, "r"},
		{"DELETE", "/associations/relations/r", endDelete, "r"},
		{"PUT", "/associations/relations/r", endOther, ""},
		{"DELETE", "/associations/relations/", endOther, ""},
		{"GET", "/associations", endAssociations, ""},
		{"GET", "/associations/", endAssociations, ""},
		{"POST", "/associations/", endOther, ""},
		{"GET", "/associations/a", endAssociation, "a"},
		{"GET", "/associations/key/k/l", endAssociationByKey, "k/l"},
		{"GET", "/associationsx", endOther, ""},
		{"POST", "/oauth/token", endToken, ""},
		{"GET", "/oauth/token", endOther, ""},
		{"GET", "/", endOther, ""},
	}
	for _, row := range rows {
		if end, id := route(row.method, row.path); end != row.end || id != row.id {
			t.Errorf("%s %s: got %s %q, want %s %q", row.method, row.path, endNames[end], id, endNames[row.end], row.id)
		}
	}
}
