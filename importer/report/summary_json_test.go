package report

import (
	"bytes"
	"encoding/json"
	"testing"
)

func TestSummaryHoldsEveryKeyOfTheContract(t *testing.T) {
	for name, summary := range map[string]Summary{"full": sampleSummary(), "empty": {Files: []File{{}}, Locations: []Location{{}}}} {
		line, err := summary.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Count(line, []byte("\n")) != 1 || line[len(line)-1] != '\n' {
			t.Errorf("%s: not one line: %q", name, line)
		}
		var got map[string]any
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatal(err)
		}
		first := func(key string) map[string]any { return got[key].([]any)[0].(map[string]any) }
		for _, want := range []struct {
			where  string
			object map[string]any
			keys   []string
		}{
			{"summary", got, []string{"run", "exit", "stopped", "files", "requests", "seconds", "command", "target", "locations", "held_seconds"}},
			{"files", first("files"), []string{"name", "sha256", "rows", "distinct", "repeated", "rejected", "created", "existing", "failed", "pending", "sending", "undone"}},
			{"locations", first("locations"), []string{"location", "stopped", "message", "sent", "throttled", "retried", "created", "existing", "failed", "undone", "pending", "held_seconds"}},
			{"requests", got["requests"].(map[string]any), []string{"sent", "throttled", "retried"}},
		} {
			if len(want.object) != len(want.keys) {
				t.Errorf("%s: %s has %d keys, want %d", name, want.where, len(want.object), len(want.keys))
			}
			for _, key := range want.keys {
				if _, ok := want.object[key]; !ok {
					t.Errorf("%s: %s has no key %q", name, want.where, key)
				}
			}
		}
	}
}

func TestSummaryAsJSON(t *testing.T) {
	line, err := sampleSummary().JSON()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"command":"import","target":"https://services.leadconnectorhq.com","run":12,"exit":4,"stopped":"daily_quota",` +
		`"files":[{"name":"links.csv","sha256":"9f86","rows":120000,"distinct":119750,"repeated":200,"rejected":50,` +
		`"created":90000,"existing":750,"failed":12,"pending":28988,"sending":0,"undone":0}],` +
		`"locations":[{"location":"abc","stopped":"daily_quota","message":"","sent":90800,"throttled":0,"retried":38,` +
		`"created":90000,"existing":750,"failed":12,"undone":0,"pending":28988,"held_seconds":0}],` +
		`"requests":{"sent":90800,"throttled":0,"retried":38},"seconds":9183.4,"held_seconds":0}` + "\n"
	if got := string(line); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	var back summaryJSON
	if err := json.Unmarshal(line, &back); err != nil {
		t.Fatal(err)
	}
	if again, _ := json.Marshal(back); string(again)+"\n" != string(line) {
		t.Errorf("there and back: %s", again)
	}
	empty, err := Summary{}.JSON()
	if err != nil || !bytes.Contains(empty, []byte(`"files":[],"locations":[]`)) {
		t.Errorf("an empty summary: %s, %v", empty, err)
	}
}
