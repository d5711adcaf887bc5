package cli_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"

	"github.com/rogpeppe/go-internal/testscript"
)

// deleteCmd deletes relations as somebody else would, who knows nothing of the
// ledger.
func deleteCmd(ts *testscript.TestScript, _ bool, args []string) {
	reply, err := http.Get(ts.Getenv("API") + "/_sandbox/relations")
	ts.Check(err)
	defer reply.Body.Close()
	rows, err := csv.NewReader(reply.Body).ReadAll()
	ts.Check(err)
	done := 0
	for _, row := range rows[1:] { // location, association, first, second, id
		if !slices.Contains(args, row[2]) {
			continue
		}
		req, err := http.NewRequest(http.MethodDelete, ts.Getenv("API")+"/associations/relations/"+row[4]+"?locationId="+url.QueryEscape(row[0]), nil)
		ts.Check(err)
		req.Header.Set("Authorization", "Bearer somebody-else")
		req.Header.Set("Version", "2021-07-28")
		req.Header.Set("Accept", "application/json")
		gone, err := http.DefaultClient.Do(req)
		ts.Check(err)
		gone.Body.Close()
		if gone.StatusCode != http.StatusOK {
			ts.Fatalf("deleting %v: %s", row, gone.Status)
		}
		done++
	}
	if done == 0 {
		ts.Fatalf("no relation of %v", args)
	}
}
