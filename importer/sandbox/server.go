package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Server is the stand-in, as an http.Handler. New makes it.
type Server struct {
	config  Config
	known   known
	clock   clock
	folder  *folder // nil: memory only
	store   *store
	grants  *grants
	gate    *gate
	buckets buckets
	dice    *dice
	seen    tally

	closing chan struct{} // closed by Close: ends waits
	kept    chan struct{} // closed when keepDay has ended
	once    sync.Once
	logging sync.Mutex // of Config.AccessLog
}

// New makes a sandbox and takes up what Config.Dir holds. Another process that
// has the same folder open is an error.
func New(c Config) (*Server, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("setting up the sandbox: %w", err)
	}
	s := &Server{config: c, known: newKnown(c), dice: newDice(c.Faults, c.Seed),
		buckets: buckets{config: c, by: map[string]*bucket{}}, closing: make(chan struct{})}
	s.clock.set(c.Offset)
	if c.Dir == "" {
		if s.store, err = openStore(&memoryTape{}); err != nil {
			return nil, err
		}
		s.grants, err = newGrants(c.OAuth, nil, nil, s.clock.now)
	} else {
		err = s.open()
	}
	if err != nil {
		return nil, err
	}
	s.gate = newGate(c, s.grants)
	return s, nil
}

// open takes the folder and reads it.
func (s *Server) open() (err error) {
	if s.folder, err = openFolder(s.config.Dir); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("reading the sandbox's folder %s: %w", s.config.Dir, err), s.folder.close())
		}
	}()
	if s.store, err = openStore(s.folder.log); err != nil {
		return err
	}
	kept, err := s.folder.read("grants.json")
	if err != nil {
		return err
	}
	keep := func(b []byte) error { return s.folder.replace("grants.json", b) }
	if s.grants, err = newGrants(s.config.OAuth, kept, keep, s.clock.now); err != nil {
		return err
	}
	if err := s.loadDay(); err != nil {
		return err
	}
	s.kept = make(chan struct{})
	go s.keepDay()
	return nil
}

// Close ends the waits of requests under way and lets the folder go. Requests
// that still come fail. A second call does nothing.
func (s *Server) Close() (err error) {
	s.once.Do(func() {
		close(s.closing)
		if s.folder == nil {
			return
		}
		<-s.kept
		err = errors.Join(s.saveDay(), s.folder.close())
	})
	return err
}

// Serve answers on l until ctx ends, then lets requests under way finish for up
// to five seconds. It does not close the Server.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	web := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err := web.Shutdown(grace)
		if err != nil {
			err = errors.Join(err, web.Close())
		}
		done <- err
	})
	err := web.Serve(l)
	if stop() {
		return err // the listener failed: nobody asked for the end
	}
	return <-done
}

// ServeHTTP answers one request. A request that a fault cuts, or whose client
// has left, ends with the panic http.ErrAbortHandler: net/http then closes the
// connection. A caller that is not net/http has to expect it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if name, ok := strings.CutPrefix(r.URL.Path, "/_sandbox/"); ok {
		s.control(w, r, name)
		return
	}
	s.seen.enter()
	begun := time.Now()
	var c call
	var luck stroke
	status := statusCut // unless an answer is written
	defer func() {
		s.seen.leave(c, status, luck.fault)
		if s.config.AccessLog != nil {
			s.log(r, c, status, luck.fault, time.Since(begun))
		}
	}()
	c = read(r)
	luck = s.dice.roll()
	a, done := s.answer(w.Header(), r, c, &luck)
	if !done {
		status = statusGone
		panic(http.ErrAbortHandler)
	}
	deliver(w, a, luck, &status)
}

// answer takes a request through its stations, as doc.go shows them. It sets the
// headers of the allowance; a fault that has not struck is taken back. Not done
// means that the client left, or the sandbox closes.
func (s *Server) answer(h http.Header, r *http.Request, c call, luck *stroke) (a answer, done bool) {
	var kind string
	if c.end != endToken && luck.fault != faultOutage {
		kind = s.gate.check(r, c.location, luck.set.RevokeAfter)
	}
	limited := c.end != endToken
	var q quota
	if limited {
		b := s.buckets.of(c.location)
		q = b.arrive(kind == "" && luck.fault != faultOutage, time.Duration(s.clock.offset()))
		b.write(h, q)
	}
	turned := true
	switch {
	case luck.fault == faultOutage:
		return problem(http.StatusServiceUnavailable, "Service Unavailable"), true
	case kind != "":
		a = refuse(kind)
	case limited && q.spent:
		a = throttled(q.wait, s.config.RetryAfter)
	default:
		turned = false
	}
	if turned || c.end == endToken { // faults befall the calls about relations alone
		luck.fault = faultNone
	}
	if !s.wait(r.Context(), luck.latency) {
		return a, false
	}
	if turned {
		return a, true
	}
	if a, struck := before(luck); struck {
		if c.end == endCreate && c.wrong.status == 0 {
			s.store.count(c.relation)
		}
		return a, true
	}
	a = s.serve(c, r, luck.set.ReadLag)
	if luck.fault == faultSlow && !s.wait(r.Context(), luck.set.SlowFor) {
		return a, false
	}
	return a, true
}

// wait returns false if the client leaves first, or the sandbox closes.
func (s *Server) wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	case <-s.closing:
		return false
	}
}

func (s *Server) log(r *http.Request, c call, status int, f fault, took time.Duration) {
	s.logging.Lock()
	defer s.logging.Unlock()
	_, _ = io.WriteString(s.config.AccessLog, fmt.Sprintf("%s %s %s %q location=%q fault=%s %s\n",
		time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), statusName(status), r.Method, r.URL.Path,
		c.location, faultNames[f], took.Round(time.Microsecond)))
}
