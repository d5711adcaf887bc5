package leadconnector

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"relink/importer"
)

func TestCreateTakesTheRelationsOwnID(t *testing.T) {
	long := strings.Repeat("a", maxRelationID)
	tests := []struct{ name, body, want, trace string }{
		{"seen", `{"id":"rel1","associationId":"asc1","firstRecordId":"rec1","secondRecordId":"rec2","traceId":"t-1"}`, "rel1", "t-1"},
		{"records turned", `{"id":"rel1","firstRecordId":"rec2"}`, "rel1", ""},
		{"wrapped", `{"relation":{"id":"rel1"},"traceId":"t-1"}`, "rel1", "t-1"},
		{"wrapped with its trace", `{"relation":{"id":"rel1","firstRecordId":"rec1","traceId":"t-2"}}`, "rel1", "t-2"},
		{"documented: may be the association's", `{"locationId":"loc1","id":"x1","key":"a_b","associationType":"USER_DEFINED"}`, "", ""},
		{"the association's", `{"id":"asc1","firstRecordId":"rec1"}`, "", ""},
		{"the association's, wrapped", `{"relation":{"id":"asc1"}}`, "", ""},
		{"another relation's", `{"id":"rel1","firstRecordId":"rec9"}`, "", ""},
		{"number", `{"id":7,"firstRecordId":"rec1","traceId":"t-1"}`, "", "t-1"},
		{"128", `{"id":"` + long + `","firstRecordId":"rec1"}`, long, ""},
		{"129", `{"id":"` + long + `a","firstRecordId":"rec1"}`, "", ""},
		{"strange characters", `{"id":"../x","firstRecordId":"rec1"}`, "", ""},
		{"the token", `{"id":"` + secret + `","firstRecordId":"rec1","traceId":"` + secret + `"}`, "", "[token]"},
		{"empty", ``, "", ""},
		{"empty object", `{}`, "", ""},
		{"array", `[]`, "", ""},
		{"relation null", `{"relation":null}`, "", ""},
		{"no JSON", `<html>created</html>`, "", ""},
	}
	for _, tt := range tests {
		for _, status := range []int{200, 201, 202, 204, 299} {
			reply, err := withAnswer(status, tt.body).Create(t.Context(), pair)
			if err != nil || reply.Status != status || reply.RelationID != tt.want || reply.TraceID != tt.trace {
				t.Errorf("%s, %d: got %+v, %v, want id %q and trace %q", tt.name, status, reply, err, tt.want, tt.trace)
			}
		}
	}
}

func TestCreateEscapesIDs(t *testing.T) {
	odd := importer.Relation{Location: `l"`, Association: `a\`, First: "f,}", Second: "ß<&>"}
	var got string
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		got = string(text)
	})
	if _, err := c.Create(t.Context(), odd); err != nil {
		t.Fatal(err)
	}
	want := `{"locationId":"l\"","associationId":"a\\","firstRecordId":"f,}","secondRecordId":"ß\u003c\u0026\u003e"}`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDelete(t *testing.T) {
	if _, err := withAnswer(200, "").Delete(t.Context(), "loc1", "rel1"); err != nil {
		t.Error(err)
	}
	reply, err := withAnswer(404, `{"message":"Relation not found"}`).Delete(t.Context(), "loc1", "rel1")
	var detail *Error
	if !errors.As(err, &detail) || !errors.Is(err, importer.Rejected) || detail.Cause != importer.CauseNotFound || reply.Cause != importer.CauseNotFound {
		t.Errorf("got %+v, %v", reply, err)
	}
}

// An id that is none must not turn into an address of something larger.
func TestPathsWithoutAnIDAreNotAsked(t *testing.T) {
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("asked for %s", r.URL) })
	for _, id := range []string{"", ".", ".."} {
		_, deleteErr := c.Delete(t.Context(), "loc1", id)
		_, _, _, listErr := c.List(t.Context(), "loc1", id, nil, 0, 100)
		_, _, idErr := c.Association(t.Context(), "loc1", id)
		_, _, keyErr := c.AssociationByKey(t.Context(), "loc1", id)
		for _, err := range []error{deleteErr, listErr, idErr, keyErr} {
			if classOf(err) != importer.Rejected {
				t.Errorf("%q: got %v", id, err)
			}
		}
	}
}

func TestList(t *testing.T) {
	body := `{"relations":[{"id":"rel1","associationId":"asc1","firstRecordId":"rec1","secondRecordId":"rec\u001b2","x":1}],"total":41}`
	links, total, reply, err := withAnswer(200, body).List(t.Context(), "loc1", "rec1", nil, 0, 100)
	want := Link{ID: "rel1", Association: "asc1", First: "rec1", Second: "rec 2"}
	if err != nil || total != 41 || reply.Status != 200 || len(links) != 1 || links[0] != want {
		t.Errorf("got %+v, %d, %+v, %v", links, total, reply, err)
	}
	for _, body := range []string{`{"relations":[],"total":0}`, `{"relations":[]}`, `{"relations":null,"total":0}`} {
		if links, total, _, err := withAnswer(200, body).List(t.Context(), "l", "r", nil, 0, 100); err != nil || total != 0 || len(links) != 0 {
			t.Errorf("%s: got %v, %d, %v", body, links, total, err)
		}
	}
	for _, body := range []string{``, `{}`, `null`, `[]`, `{"total":3}`, `{"relations":{}}`, `<html>`, `{"relations":[`, `{"relations":[{"id":7}]}`} {
		_, _, reply, err := withAnswer(200, body).List(t.Context(), "l", "r", nil, 0, 100)
		if classOf(err) != importer.Doubt || err == nil || reply.Message == "" {
			t.Errorf("%s: got %v, want doubt", body, err)
		}
	}
}
