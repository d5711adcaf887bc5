package sandbox

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// stand is a sandbox behind a real listener, and a client for it.
type stand struct {
	*Server
	t   testing.TB
	url string
}

func start(t testing.TB, c Config) *stand {
	t.Helper()
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s)
	web.Config.ErrorLog = nil
	t.Cleanup(func() {
		web.CloseClientConnections()
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		web.Close()
	})
	return &stand{s, t, web.URL}
}

// reply is an answer as a client sees it.
type reply struct {
	status int
	header http.Header
	body   string
	err    error
}

func (s *stand) do(method, path, body string, header ...string) reply {
	return s.doContext(s.t.Context(), method, path, body, header...)
}

func (s *stand) doContext(ctx context.Context, method, path, body string, header ...string) reply {
	s.t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer t")
	r.Header.Set("Version", "2021-07-28")
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
		if header[i+1] == "" {
			r.Header.Del(header[i])
		}
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		return reply{err: err}
	}
	defer got.Body.Close()
	b, err := io.ReadAll(got.Body)
	return reply{got.StatusCode, got.Header, string(b), err}
}

func (s *stand) create(location, first, second string) reply {
	s.t.Helper()
	return s.do("POST", "/associations/relations", pair(location, first, second))
}

func pair(location, first, second string) string {
	return fmt.Sprintf(`{"locationId":%q,"associationId":"as","firstRecordId":%q,"secondRecordId":%q}`, location, first, second)
}

// want fails unless the answer has this status and its body holds every text.
func (r reply) want(t testing.TB, status int, texts ...string) {
	t.Helper()
	if r.err != nil || r.status != status {
		t.Errorf("got status %d (%v) %s, want %d", r.status, r.err, r.body, status)
		return
	}
	for _, text := range texts {
		if !strings.Contains(r.body, text) {
			t.Errorf("got body %s, want %q in it", r.body, text)
		}
	}
}

// stored are the relations as /_sandbox/relations lists them.
func (s *stand) stored(query string) [][]string {
	s.t.Helper()
	r := s.do("GET", "/_sandbox/relations"+query, "")
	rows, err := csv.NewReader(strings.NewReader(r.body)).ReadAll()
	if err != nil || len(rows) == 0 {
		s.t.Fatalf("reading %q: %v", r.body, err)
	}
	return rows[1:]
}

var free = Limit{Max: -1, Daily: -1}

func TestServeStopsAndLetsRequestsFinish(t *testing.T) {
	s, err := New(Config{Faults: Faults{LatencyMin: 100 * time.Millisecond, LatencyMax: 100 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	st := &stand{s, t, "http://" + l.Addr().String()}
	answered := make(chan reply, 1)
	go func() { answered <- st.create("L", "a", "b") }()
	for s.Stats().Requests == 0 {
		time.Sleep(time.Millisecond)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("Serve: %v", err)
	}
	(<-answered).want(t, 201)
	_ = l.Close()
	if err := s.Serve(t.Context(), l); err == nil {
		t.Error("Serve on a closed listener: got no error")
	}
}

func TestStatsCount(t *testing.T) {
	s := start(t, Config{Limits: map[string]Limit{"small": {Max: 1}}})
	s.create("L", "a", "b").want(t, 201)
	s.create("L", "a", "b").want(t, 400)
	s.create("L", "a", "b").want(t, 400)
	s.create("small", "a", "b").want(t, 201)
	s.create("small", "a", "c").want(t, 429)
	s.do("GET", "/nowhere", "").want(t, 404)

	var got Stats
	if err := json.Unmarshal([]byte(s.do("GET", "/_sandbox/stats", "").body), &got); err != nil {
		t.Fatal(err)
	}
	want := Stats{Requests: 6, Relations: 2, Created: 2, Sends: 4, RepeatSends: 2, MaxSends: 3,
		Throttled: 1, MostInFlight: 1, MostArrivals: 3, MostPassed: 3,
		Status:    map[string]int{"201": 2, "400": 2, "429": 1, "404": 1},
		Endpoints: map[string]int{"POST /associations/relations": 5, "other": 1},
		Faults:    map[string]int{},
		Locations: map[string]LocationStats{
			"L":     {Requests: 3, Relations: 1, MostArrivals: 3, MostPassed: 3, SpentToday: 3},
			"small": {Requests: 2, Relations: 1, Throttled: 1, MostArrivals: 2, MostPassed: 1, SpentToday: 1},
			"":      {Requests: 1, MostArrivals: 1, MostPassed: 1, SpentToday: 1},
		}}
	got.MostFixed = 0 // it depends on when a window turns
	for name, l := range got.Locations {
		l.MostFixed = 0
		got.Locations[name] = l
	}
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		t.Errorf("got  %s\nwant %s", g, w)
	}
}

func TestAccessLogNamesNoToken(t *testing.T) {
	var log strings.Builder
	s := mustNew(t, Config{AccessLog: &log, Tokens: map[string][]string{"t": {"L"}}})
	send(s, "L", "a")
	send(s, "M", "a")
	got := log.String()
	if !strings.Contains(got, ` 201 POST "/associations/relations" location="L" fault=none`) ||
		!strings.Contains(got, ` 403 POST "/associations/relations" location="M"`) || strings.Contains(got, "Bearer") {
		t.Errorf("got %q", got)
	}
}
