package sandbox

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
)

const create = "/associations/relations"

func TestCreateJudgesTheBody(t *testing.T) {
	s := start(t, Config{Limit: free})
	rows := []struct {
		name, query, body string
		header            []string
		status            int
		want              string
	}{
		{"good", "", pair("L", "a", "b"), nil, 201, `"firstRecordId":"a"`},
		{"spaces", "", strings.ReplaceAll(pair("L", "a2", "b"), ",", " , \n"), nil, 201, `"firstRecordId":"a2"`},
		{"escapes", "", pair("L", `a"é\`, "b"), nil, 201, `"firstRecordId":"a\"é\\"`},
		{"an escaped letter", "", `{"locationId":"L","associationId":"as","firstRecordId":"\u0061z","secondRecordId":"b"}`, nil, 201, `"firstRecordId":"az"`},
		{"not UTF-8", "", strings.Replace(pair("L", "X", "b"), "X", "\xff", 1), nil, 201, "\"firstRecordId\":\"\ufffd\""},
		{"location in the query", "?locationId=L", pair("L", "a3", "b"), nil, 422, "property locationId should not exist"},
		{"other query", "?x=1", pair("L", "a4", "b"), nil, 201, ""},
		{"a fifth field", "", `{"more":1,` + pair("L", "a", "b")[1:], nil, 422, "property more should not exist"},
		{"missing", "", `{"locationId":"L","associationId":"as","firstRecordId":"a"}`, nil, 422, `"message":["secondRecordId must be a string","secondRecordId should not be empty"]`},
		{"empty", "", pair("L", "", "b"), nil, 422, `"message":["firstRecordId should not be empty"]`},
		{"a number", "", `{"locationId":"L","associationId":"as","firstRecordId":1,"secondRecordId":"b"}`, nil, 422, "firstRecordId must be a string"},
		{"null", "", `{"locationId":null,"associationId":"as","firstRecordId":"a","secondRecordId":"b"}`, nil, 422, "locationId must be a string"},
		{"an array", "", `[1]`, nil, 422, "locationId must be a string"},
		{"nothing", "", ``, nil, 422, "locationId must be a string"},
		{"not declared JSON", "", pair("L", "a5", "b"), []string{"Content-Type", "text/plain"}, 422, "must be a string"},
		{"cut", "", `{"locationId":"L","associ`, nil, 400, "unexpected end of JSON"},
		{"trailing comma", "", `{"locationId":"L",}`, nil, 400, "invalid character"},
		{"two objects", "", pair("L", "a6", "b") + "{}", nil, 400, "after top-level value"},
		{"long", "", pair("L", strings.Repeat("x", maxBody), "b"), nil, 413, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s.do("POST", create+row.query, row.body, row.header...).want(t, row.status, row.want)
		})
	}
}

func TestCreateShapes(t *testing.T) {
	rows := []struct{ shape, want string }{
		{"", `{"id":"ID","associationId":"as","firstObjectKey":"contact","firstRecordId":"a","secondObjectKey":"custom_objects.any","secondRecordId":"b","locationId":"L","traceId":"TRACE"}`},
		{ShapeWrapped, `{"relation":{"id":"ID","associationId":"as","firstObjectKey":"contact","firstRecordId":"a","secondObjectKey":"custom_objects.any","secondRecordId":"b","locationId":"L"},"traceId":"TRACE"}`},
		{ShapeDocumented, `{"locationId":"L","id":"ID","key":"association_as","firstObjectLabel":"contact","firstObjectKey":"contact","secondObjectLabel":"custom_objects.any","secondObjectKey":"custom_objects.any","associationType":"USER_DEFINED"}`},
		{ShapeEmpty, ""},
	}
	for _, row := range rows {
		t.Run(row.shape, func(t *testing.T) {
			s := start(t, Config{Shape: row.shape})
			got := s.create("L", "a", "b")
			got.want(t, 201)
			id := s.stored("")[0][4]
			if len(id) != 24 {
				t.Errorf("got id %q, want 24 digits", id)
			}
			body := strings.Replace(got.body, id, "ID", 1)
			if i := strings.Index(body, `"traceId":"`); i >= 0 {
				body = strings.Replace(body, body[i+11:i+11+36], "TRACE", 1)
			}
			if body != row.want {
				t.Errorf("got  %s\nwant %s", body, row.want)
			}
		})
	}
}

func TestCreateKnowsRecordsAndSides(t *testing.T) {
	s := start(t, Config{
		Associations: []Association{{ID: "as", Key: "owner", FirstObject: "contact", SecondObject: "pet"}, {ID: "far", Key: "k", Location: "M"}},
		Records:      map[string]string{"anna": "contact", "rex": "pet"},
	})
	s.create("L", "anna", "rex").want(t, 201)
	s.create("L", "anna", "rex").want(t, 400, "Could not create relation: duplicate relation of object Ids for given association")
	s.create("L", "rex", "anna").want(t, 422, "Invalid record id : 'rex' for association : owner")
	s.create("L", "anna", "nobody").want(t, 422, "Invalid record id : 'nobody' for association : owner")
	s.do("POST", create, strings.Replace(pair("L", "anna", "rex"), `"as"`, `"far"`, 1)).want(t, 404, "Association not found")
	if got := s.Stats(); got.Sends != 5 || got.MaxSends != 2 || got.Relations != 1 {
		t.Errorf("got %+v, want 5 sends, 2 of one pair, 1 relation", got)
	}
}

func TestSamePairAtOnceIsCreatedOnce(t *testing.T) {
	s := start(t, Config{Limit: free})
	const pairs, senders = 20, 8
	var mu sync.Mutex
	good := map[string]int{}
	var wg sync.WaitGroup
	for range senders {
		wg.Go(func() {
			for i := range pairs {
				first := fmt.Sprint("r", i)
				if got := s.create("L", first, "b"); got.status == 201 {
					mu.Lock()
					good[first]++
					mu.Unlock()
				} else {
					got.want(t, 400, "duplicate relation")
				}
			}
		})
	}
	wg.Wait()
	for first, n := range good {
		if n != 1 {
			t.Errorf("%s: created %d times", first, n)
		}
	}
	if got := s.Stats(); len(good) != pairs || got.Relations != pairs || got.RepeatSends != pairs*(senders-1) || got.MaxSends != senders {
		t.Errorf("got %d pairs, %+v", len(good), got)
	}
}

func TestListPagesBothSides(t *testing.T) {
	s := start(t, Config{Limit: free})
	for i := range 5 {
		s.create("L", "hub", fmt.Sprint("r", i)).want(t, 201)
	}
	s.create("M", "hub", "elsewhere").want(t, 201)
	s.create("L", "hub", "hub").want(t, 201)
	page := func(record, query string) (firsts []string, total int) {
		t.Helper()
		got := s.do("GET", create+"/"+record+"?locationId=L"+query, "")
		got.want(t, 200)
		var body struct {
			Relations []struct{ ID, AssociationID, FirstRecordID, SecondRecordID string }
			Total     int
		}
		if err := json.Unmarshal([]byte(got.body), &body); err != nil {
			t.Fatal(err)
		}
		for _, r := range body.Relations {
			firsts = append(firsts, r.SecondRecordID)
		}
		return firsts, body.Total
	}
	rows := []struct {
		record, query, want string
	}{
		{"hub", "&skip=0&limit=100", "[r0 r1 r2 r3 r4 hub] 6"},
		{"hub", "&skip=2&limit=2", "[r2 r3] 6"},
		{"hub", "&skip=9&limit=2", "[] 6"},
		{"r3", "&skip=0&limit=100", "[r3] 1"},
		{"nobody", "&skip=0&limit=100", "[] 0"},
		{"hub", "&skip=0&limit=100&associationIds=as,x", "[r0 r1 r2 r3 r4 hub] 6"},
		{"hub", "&skip=0&limit=100&associationIds=x", "[] 0"},
	}
	for _, row := range rows {
		got, total := page(row.record, row.query)
		if g := fmt.Sprint(got, total); g != row.want {
			t.Errorf("%s%s: got %s, want %s", row.record, row.query, g, row.want)
		}
	}
	s.create("L", "late", "r3").want(t, 201) // after the index was built
	if got, total := page("r3", "&skip=0&limit=100"); total != 2 {
		t.Errorf("got %v, want two", got)
	}
	for _, query := range []string{"?locationId=L&limit=100", "?locationId=L&skip=0", "?locationId=L&skip=0&limit=101", "?locationId=L&skip=-1&limit=1", "?skip=0&limit=1"} {
		s.do("GET", create+"/hub"+query, "").want(t, 422, `"message":[`)
	}
}

func TestDelete(t *testing.T) {
	s := start(t, Config{Limit: free})
	s.create("L", "a", "b").want(t, 201)
	s.create("L", "a", "c").want(t, 201)
	s.do("GET", create+"/a?locationId=L&skip=0&limit=9", "").want(t, 200, `"total":2`)
	id := s.stored("")[0][4]
	s.do("DELETE", create+"/"+id+"?locationId=M", "").want(t, 404)
	s.do("DELETE", create+"/"+id[:23]+"f?locationId=L", "").want(t, 404)
	s.do("DELETE", create+"/000000000000000000000000?locationId=L", "").want(t, 404)
	s.do("DELETE", create+"/nonsense?locationId=L", "").want(t, 404)
	s.do("DELETE", create+"/"+id, "").want(t, 422)
	s.do("DELETE", create+"/"+id+"?locationId=L", "").want(t, 200)
	s.do("DELETE", create+"/"+id+"?locationId=L", "").want(t, 404)
	s.do("GET", create+"/a?locationId=L&skip=0&limit=9", "").want(t, 200, `"total":1`)
	s.create("L", "a", "b").want(t, 201)
	if got := s.Stats(); got.Relations != 2 || got.Deleted != 1 || got.Locations["L"].Relations != 2 || got.RepeatSends != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestAssociations(t *testing.T) {
	told := Config{Associations: []Association{{ID: "as", Key: "owner", FirstObject: "contact", SecondObject: "pet"}, {ID: "x", Key: "far", Location: "M"}}}
	strict := told
	strict.BadKey = true
	rows := []struct {
		config Config
		path   string
		status int
		want   string
	}{
		{told, "/associations/as?locationId=L", 200, `{"id":"as","locationId":"L","key":"owner","firstObjectLabel":"contact","firstObjectKey":"contact","secondObjectLabel":"pet","secondObjectKey":"pet","associationType":"USER_DEFINED"}`},
		{told, "/associations/as", 200, `"key":"owner"`},
		{told, "/associations/none?locationId=L", 404, ""},
		{told, "/associations/x?locationId=L", 404, ""},
		{told, "/associations/key/owner?locationId=L", 200, `"id":"as"`},
		{told, "/associations/key/owner", 422, ""},
		{told, "/associations/key/none?locationId=L", 404, ""},
		{strict, "/associations/key/none?locationId=L", 400, "not found"},
		{told, "/associations/?locationId=L", 200, `"total":1`},
		{told, "/associations/?locationId=M", 200, `"total":2`},
		{Config{}, "/associations/any?locationId=L", 200, `"id":"any"`},
		{Config{}, "/associations/key/any?locationId=L", 404, ""},
	}
	for _, row := range rows {
		start(t, row.config).do("GET", row.path, "").want(t, row.status, row.want)
	}
}
