package cli

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"relink/importer"
	"relink/importer/leadconnector"
)

func TestCreatorLooks(t *testing.T) {
	relation := importer.Relation{Location: "loc", Association: "assoc", First: "a", Second: "b"}
	link := func(first, second string) leadconnector.Link {
		return leadconnector.Link{ID: "id-" + first + second, Association: "assoc", First: first, Second: second}
	}
	many := func(n int, last ...leadconnector.Link) (all []leadconnector.Link) {
		for i := range n {
			all = append(all, link("a", strconv.Itoa(i)))
		}
		return append(all, last...)
	}
	for name, c := range map[string]struct {
		there  []leadconnector.Link
		status int
		id     string
		class  error
		calls  int
	}{
		"none":                     {nil, 200, "", nil, 1},
		"found":                    {many(3, link("a", "b")), 200, "id-ab", nil, 1},
		"found on the last page":   {many(250, link("a", "b")), 200, "id-ab", nil, 3},
		"not found":                {many(250), 200, "", nil, 3},
		"the reversed pair":        {many(0, link("b", "a")), 200, "", nil, 1},
		"as many as may be":        {many(1000), 200, "", nil, 10},
		"more than may be":         {many(1001), 200, "", importer.Rejected, 10},
		"the service fails":        {nil, 503, "", importer.Doubt, 1},
		"the record is not known":  {nil, 404, "", importer.Rejected, 1},
		"the token may write only": {nil, 403, "", importer.Refused, 1},
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls++
				if got := r.URL.Path; got != "/associations/relations/a" || r.FormValue("locationId") != "loc" || r.FormValue("associationIds") != "assoc" {
					t.Errorf("asked for %s", r.URL)
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(c.status)
				skip, _ := strconv.Atoi(r.FormValue("skip"))
				page := append([]leadconnector.Link{}, c.there[min(skip, len(c.there)):min(skip+100, len(c.there))]...)
				json.NewEncoder(w).Encode(map[string]any{"relations": page, "total": len(c.there)})
			}))
			defer server.Close()
			base, err := leadconnector.ParseBase(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			token, err := leadconnector.NewStaticToken("pit-secret")
			if err != nil {
				t.Fatal(err)
			}
			client := &leadconnector.Client{Base: base, HTTP: leadconnector.NewHTTP(1), Tokens: token}
			reply, found, err := creator{client}.Look(t.Context(), importer.Item{Relation: relation})
			if found != (c.id != "") || reply.RelationID != c.id || calls != c.calls {
				t.Errorf("found %v, %q after %d calls, want %q after %d", found, reply.RelationID, calls, c.id, c.calls)
			}
			if (err == nil) != (c.class == nil) || err != nil && importer.ClassOf(err) != c.class {
				t.Errorf("got error %v, want class %v", err, c.class)
			}
		})
	}
}
