package sandbox

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// control answers the calls under /_sandbox/, which ask about the sandbox and
// move it. They are for this machine only, whatever address it listens on.
//
//	GET  stats        what it saw, as JSON
//	GET  relations    every relation as CSV; ?location= one location's
//	GET  faults       what goes wrong, as JSON
//	POST faults       replaces that: JSON, or the text of ParseFaults
//	POST outage       ?for=5s  every connection is cut; &answer=503 answered
//	POST revoke       ?token=  refuses it from now on; &as= a word of RefusalKinds
//	POST clock        ?advance=24h  the day turns, tokens expire
//	POST reset        forgets everything, back to the Config
func (s *Server) control(w http.ResponseWriter, r *http.Request, name string) {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err != nil || !net.ParseIP(host).IsLoopback() {
		http.Error(w, "/_sandbox/ is for this machine only", http.StatusForbidden)
		return
	}
	actions := map[string]func(http.ResponseWriter, *http.Request) error{
		"GET stats": s.showStats, "GET relations": s.showRelations,
		"GET faults": s.showFaults, "POST faults": s.setFaults,
		"POST outage": s.setOutage, "POST revoke": s.setRevoked,
		"POST clock": s.setClock, "POST reset": s.reset,
	}
	action := actions[r.Method+" "+name]
	if action == nil {
		http.Error(w, "the sandbox knows no "+r.Method+" /_sandbox/"+name, http.StatusNotFound)
		return
	}
	if err := action(w, r); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

func (s *Server) showStats(w http.ResponseWriter, _ *http.Request) error { return show(w, s.Stats()) }

func (s *Server) showFaults(w http.ResponseWriter, _ *http.Request) error {
	return show(w, s.dice.get())
}

func show(w http.ResponseWriter, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	w.Header()["Content-Type"] = typeJSON
	_, err = w.Write(append(b, '\n'))
	return err
}

// showRelations holds the store for a thousand relations at a time, so that a
// long answer does not stop the creates.
func (s *Server) showRelations(w http.ResponseWriter, r *http.Request) error {
	only, chosen := r.URL.Query().Get("location"), r.URL.Query().Has("location")
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	out := csv.NewWriter(w)
	_ = out.Write([]string{"location", "association", "first", "second", "id"})
	for from := uint32(0); r.Context().Err() == nil; {
		rows, next, err := s.store.rows(from, 1000)
		if err != nil {
			panic(http.ErrAbortHandler) // the answer has begun: a short one must not look whole
		}
		if len(rows) == 0 {
			break
		}
		from = next
		for _, row := range rows {
			if !chosen || row.location == only {
				_ = out.Write([]string{row.location, row.association, row.first, row.second, row.id})
			}
		}
	}
	out.Flush()
	return out.Error()
}

func (s *Server) setFaults(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return err
	}
	text := strings.TrimSpace(string(body))
	var f Faults
	if strings.HasPrefix(text, "{") {
		err = json.Unmarshal([]byte(text), &f)
	} else {
		f, err = ParseFaults(text)
	}
	if err != nil {
		return err
	}
	s.dice.set(f)
	return show(w, f)
}

func (s *Server) setOutage(_ http.ResponseWriter, r *http.Request) error {
	length, err := time.ParseDuration(r.URL.Query().Get("for"))
	if err != nil {
		return err
	}
	answer := r.URL.Query().Get("answer")
	if answer != "" && answer != "503" {
		return fmt.Errorf("answer %q: want nothing or 503", answer)
	}
	s.dice.breakFor(length, answer == "503")
	return nil
}

func (s *Server) setRevoked(_ http.ResponseWriter, r *http.Request) error {
	token, kind := r.URL.Query().Get("token"), r.URL.Query().Get("as")
	if _, ok := refusals[kind]; token == "" || kind != "" && !ok {
		return fmt.Errorf("want ?token= and perhaps &as= one of %v", RefusalKinds())
	}
	return s.gate.revoke(token, kind)
}

func (s *Server) setClock(_ http.ResponseWriter, r *http.Request) error {
	by, err := time.ParseDuration(r.URL.Query().Get("advance"))
	if err != nil {
		return err
	}
	s.clock.advance(by)
	return nil
}

func (s *Server) reset(http.ResponseWriter, *http.Request) error {
	if err := s.store.clear(); err != nil {
		return err
	}
	s.buckets.reset()
	s.gate.reset()
	s.dice.reset(s.config.Faults)
	s.clock.set(s.config.Offset)
	s.seen.reset()
	return s.grants.reset()
}
