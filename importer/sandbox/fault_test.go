package sandbox

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestFaultsBeforeAndAfterTheWrite(t *testing.T) {
	rows := []struct {
		spec    string
		status  int // 0: no answer
		written bool
		body    string
	}{
		{"cut-before=1", 0, false, ""},
		{"5xx=100%", 500, false, `"statusCode":50`},
		{"html-before=1", 502, false, "<html>"},
		{"429=1", 429, false, `"statusCode":429`},
		{"cut-after=1", 0, true, ""},
		{"html-after=1", 502, true, "<html>"},
		{"truncate=1", 0, true, ""},
		{"slow=1:1ms", 201, true, `"firstRecordId":"a"`},
		{"latency=1ms-2ms", 201, true, `"firstRecordId":"a"`},
		{"outage=1-1", 0, false, ""},
		{"outage=1-1:503", 503, false, `"statusCode":503`},
		{"", 201, true, `"firstRecordId":"a"`},
	}
	for _, row := range rows {
		t.Run(row.spec, func(t *testing.T) {
			f, err := ParseFaults(row.spec)
			if err != nil {
				t.Fatal(err)
			}
			s := start(t, Config{Limit: free, Faults: f})
			got := s.create("L", "a", "b")
			switch {
			case row.status == 0 && got.err == nil:
				t.Errorf("got %d %s, want no whole answer", got.status, got.body)
			case row.status == 500 && got.status == 503: // either
			case row.status != 0:
				got.want(t, row.status, row.body)
			}
			wantType := "application/json"
			if strings.HasPrefix(got.body, "<") {
				wantType = "text/html"
			}
			if got.err == nil && !strings.HasPrefix(got.header.Get("Content-Type"), wantType) {
				t.Errorf("got type %q, want %s", got.header.Get("Content-Type"), wantType)
			}
			if n := len(s.stored("")); (n == 1) != row.written {
				t.Errorf("got %d relations, want written %v", n, row.written)
			}
			s.do("POST", "/_sandbox/faults", "").want(t, 200)
			again := 201
			if row.written {
				again = 400
			}
			s.create("L", "a", "b").want(t, again)
			name, _, _ := strings.Cut(row.spec, "=")
			sends := 2
			if name == "outage" {
				sends = 1 // the other one came to nobody
			}
			if got := s.Stats(); got.Sends != sends || got.MaxSends != sends {
				t.Errorf("got %d sends, %d of one pair, want %d", got.Sends, got.MaxSends, sends)
			}
			if got := s.Stats().Faults; name != "" && name != "latency" && got[name] != 1 {
				t.Errorf("got faults %v, want one %s", got, name)
			}
		})
	}
}

func TestFaultsLeaveRefusalsAndTokensAlone(t *testing.T) {
	s := start(t, Config{Faults: Faults{CutAfter: 1}, Limit: Limit{Max: 1}, Refusals: map[string]string{"bad": "scope"}})
	s.do("POST", create, pair("L", "a", "b"), "Authorization", "Bearer bad").want(t, 401)
	if got := s.create("L", "a", "b"); got.err == nil {
		t.Errorf("got %d, want a cut", got.status)
	}
	s.create("L", "a", "b").want(t, 429)
	_, got := s.refresh("r")
	got.want(t, 200)
	if got := s.Stats().Faults["cut-after"]; got != 1 {
		t.Errorf("got %d cuts counted, want 1", got)
	}
}

func TestTruncatedBodyEndsInTheMiddle(t *testing.T) {
	s := start(t, Config{Faults: Faults{Truncate: 1}})
	r, _ := http.NewRequest("POST", s.url+create, strings.NewReader(pair("L", "a", "b")))
	r.Header = http.Header{"Authorization": {"Bearer t"}, "Version": {version}, "Content-Type": {"application/json"}}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	b, err := io.ReadAll(got.Body)
	if got.StatusCode != 201 || len(b) == 0 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %d, %q, %v: want 201 and half a body", got.StatusCode, b, err)
	}
}

func TestThrottleFaultHasRetryAfterInBothForms(t *testing.T) {
	for spec, want := range map[string]string{"429=1": "", "429=1:3s": "3", "429=1:3s:date": "GMT"} {
		f, err := ParseFaults(spec)
		if err != nil {
			t.Fatal(err)
		}
		got := start(t, Config{Faults: f}).create("L", "a", "b")
		got.want(t, 429)
		if h := got.header.Get("Retry-After"); !strings.HasSuffix(h, want) || (h == "") != (want == "") {
			t.Errorf("%s: got Retry-After %q, want %q", spec, h, want)
		}
		if got.header.Get("X-RateLimit-Daily-Remaining") != "199999" {
			t.Errorf("%s: got %v, want the allowance in the headers", spec, got.header)
		}
	}
}

func TestClientThatLeavesEndsTheWait(t *testing.T) {
	rows := []struct {
		spec    string
		written int
	}{{"latency=1h", 0}, {"slow=1:1h", 1}}
	for _, row := range rows {
		t.Run(row.spec, func(t *testing.T) {
			f, err := ParseFaults(row.spec)
			if err != nil {
				t.Fatal(err)
			}
			s := start(t, Config{Faults: f})
			ctx, leave := context.WithTimeout(t.Context(), 30*time.Millisecond)
			defer leave()
			if got := s.doContext(ctx, "POST", create, pair("L", "a", "b")); got.err == nil {
				t.Errorf("got %d, want the client's own timeout", got.status)
			}
			for until := time.Now().Add(5 * time.Second); s.Stats().Status["gone"] == 0; time.Sleep(time.Millisecond) {
				if time.Now().After(until) {
					t.Fatalf("the wait goes on without its client: %+v", s.Stats())
				}
			}
			if got := s.Stats().Relations; got != row.written {
				t.Errorf("got %d relations, want %d", got, row.written)
			}
		})
	}
}

func TestCloseEndsTheWaits(t *testing.T) {
	s := start(t, Config{Faults: Faults{LatencyMin: time.Hour, LatencyMax: time.Hour}})
	done := make(chan reply)
	go func() { done <- s.create("L", "a", "b") }()
	for s.Stats().Requests == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if got := <-done; got.err == nil {
		t.Errorf("got %d, want a cut connection", got.status)
	}
}

func TestOutageForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mustNew(t, Config{})
		s.control(httptest.NewRecorder(), local("POST", "/_sandbox/outage?for=5s&answer=503"), "outage")
		if got := send(s, "L", "a").Code; got != 503 {
			t.Errorf("got %d in the outage, want 503", got)
		}
		time.Sleep(5 * time.Second)
		if got := send(s, "L", "a").Code; got != 201 {
			t.Errorf("got %d after the outage, want 201", got)
		}
		if l := s.Stats().Locations["L"]; l.SpentToday != 1 || l.Requests != 2 {
			t.Errorf("got %+v: an outage spends no quota, but is seen", l)
		}
	})
}

func local(method, target string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	r.RemoteAddr = "127.0.0.1:1"
	return r
}

func TestReadLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mustNew(t, Config{Faults: Faults{ReadLag: 2 * time.Second}})
		send(s, "L", "a")
		total := func() string {
			r := local("GET", create+"/a?locationId=L&skip=0&limit=1")
			r.Header = http.Header{"Authorization": {"Bearer t"}, "Version": {version}}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			_, after, _ := strings.Cut(w.Body.String(), `"total":`)
			return after[:1]
		}
		early := total()
		time.Sleep(2 * time.Second)
		if got := early + total(); got != "01" {
			t.Errorf("got %s, want 0 early and 1 late", got)
		}
	})
}

func TestDiceKeepTheirOddsAndTheirSeed(t *testing.T) {
	f := Faults{CutBefore: 0.01, ServerError: 0.02, CutAfter: 0.1, Slow: 0.05, SlowFor: time.Second,
		LatencyMin: 5 * time.Millisecond, LatencyMax: 9 * time.Millisecond}
	const rolls = 20_000
	a, b := newDice(f, 7), newDice(f, 7)
	var count [faultCount]int
	for range rolls {
		one, other := a.roll(), b.roll()
		if one != other {
			t.Fatalf("same seed: got %v and %v", one, other)
		}
		if one.latency < f.LatencyMin || one.latency > f.LatencyMax {
			t.Fatalf("got latency %v", one.latency)
		}
		count[one.fault]++
	}
	for i, p := range f.odds() {
		if got := float64(count[i]) / rolls; fault(i) != faultNone && math.Abs(got-p) > 0.01 {
			t.Errorf("%s: got %.4f, want %.4f", faultNames[i], got, p)
		}
	}
	if a.reset(f); a.roll() == newDice(f, 8).roll() {
		t.Error("another seed gives the same first lot")
	}
}
