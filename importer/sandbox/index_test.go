package sandbox

import (
	"testing"
	"time"
)

// The index goes by hashes; what it finds is compared with what was asked.
func TestQueryWants(t *testing.T) {
	now := time.Now()
	r := row{relation: relation{"L", "as", "a", "b"}, at: now}
	rows := []struct {
		name string
		q    query
		want bool
	}{
		{"first", query{location: "L", record: "a", before: now}, true},
		{"second", query{location: "L", record: "b", before: now}, true},
		{"another record", query{location: "L", record: "c", before: now}, false},
		{"another location", query{location: "M", record: "a", before: now}, false},
		{"too young", query{location: "L", record: "a", before: now.Add(-1)}, false},
		{"its association", query{location: "L", record: "a", before: now, associations: []string{"x", "as"}}, true},
		{"another association", query{location: "L", record: "a", before: now, associations: []string{"x"}}, false},
	}
	for _, row := range rows {
		if got := row.q.wants(r); got != row.want {
			t.Errorf("%s: got %v, want %v", row.name, got, row.want)
		}
	}
}
