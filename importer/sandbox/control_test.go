package sandbox

import (
	"fmt"
	"net/http/httptest"
	"testing"
)

func TestControlIsForThisMachineOnly(t *testing.T) {
	s := mustNew(t, Config{})
	for peer, want := range map[string]int{"127.0.0.1:9": 200, "[::1]:9": 200, "192.0.2.1:9": 403, "[2001:db8::1]:9": 403, "": 403, "@": 403} {
		r := httptest.NewRequest("GET", "/_sandbox/stats", nil)
		r.RemoteAddr = peer
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%q: got %d, want %d", peer, w.Code, want)
		}
	}
}

func TestControlIsNotARequest(t *testing.T) {
	s := start(t, Config{Limit: Limit{Max: 1}})
	for range 3 {
		got := s.do("GET", "/_sandbox/stats", "", "Authorization", "")
		got.want(t, 200, `"requests": 0`)
		if h := got.header.Get("X-RateLimit-Max"); h != "" {
			t.Errorf("got a limit of %s, want none", h)
		}
	}
	s.do("GET", "/_sandbox/nonsense", "").want(t, 404)
	s.do("POST", "/_sandbox/stats", "").want(t, 404)
	for _, path := range []string{"outage", "outage?for=x", "outage?for=1s&answer=x", "revoke", "clock"} {
		s.do("POST", "/_sandbox/"+path, "").want(t, 400)
	}
}

func TestRelationsAsCSV(t *testing.T) {
	s := start(t, Config{Limit: free})
	for i := range 1500 { // more than one portion
		if _, _, err := s.store.create(relation{fmt.Sprint("L", i%2), "as", fmt.Sprint(i), `b,"`}, s.clock.now()); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.stored(""); len(got) != 1500 || got[1001][2] != "1001" || got[1][3] != `b,"` {
		t.Errorf("got %d rows", len(got))
	}
	if got := s.stored("?location=L1"); len(got) != 750 || got[0][0] != "L1" || got[0][2] != "1" {
		t.Errorf("got %d rows of L1", len(got))
	}
}

func TestFaultsAreChangedAtRunTime(t *testing.T) {
	s := start(t, Config{})
	s.do("POST", "/_sandbox/faults", `{"5xx": "100%"}`).want(t, 200, `"5xx": "1"`)
	s.do("GET", "/_sandbox/faults", "").want(t, 200, `"5xx": "1"`)
	if got := s.create("L", "a", "b").status; got < 500 {
		t.Errorf("got %d, want 5xx", got)
	}
	s.do("POST", "/_sandbox/faults", `{"5xx": 7}`).want(t, 400)
	s.do("POST", "/_sandbox/faults", `html-before=1`).want(t, 200)
	s.create("L", "a", "b").want(t, 502)
	s.do("POST", "/_sandbox/faults", `{}`).want(t, 200)
	s.create("L", "a", "b").want(t, 201)
}

func TestResetForgetsEverything(t *testing.T) {
	for _, dir := range []string{"", t.TempDir()} {
		s := start(t, Config{Dir: dir, Limit: Limit{Max: 1}})
		s.create("L", "a", "b").want(t, 201)
		s.create("L", "a", "c").want(t, 429)
		id := s.stored("")[0][4]
		s.do("POST", "/_sandbox/faults", `5xx=1`).want(t, 200)
		s.do("POST", "/_sandbox/outage?for=1h", "").want(t, 200)
		s.do("POST", "/_sandbox/reset", "").want(t, 200)
		if got := s.Stats(); got.Requests != 0 || got.Relations != 0 || got.Sends != 0 || len(got.Locations) != 0 {
			t.Errorf("got %+v, want nothing", got)
		}
		s.create("L", "a", "b").want(t, 201)
		if got := s.stored("")[0][4]; got == id {
			t.Errorf("got the id %s a second time", id)
		}
	}
}
