package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"relink/importer"
	"relink/importer/pace"
	"relink/importer/sandbox"
)

// stand are the flags of relink sandbox.
type stand struct {
	place place
	addr  string
	reset bool

	memory                 bool
	rate, faults           string
	daily                  int
	associations, records  string
	tokens, limits, grants string
	accessLog              bool
	config                 sandbox.Config
}

func (p *program) sandboxCommand() *cobra.Command {
	var s stand
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "A local stand-in for the service: rehearse on it, break it, ask it what it saw",
		Long: `sandbox answers like the real service, with its limits, on a loopback address,
and keeps what it made in the state folder, so that a rehearsal can be killed
and resumed. GET /_sandbox/stats tells what it saw.

Point relink at it with --api-url http://ADDR (any token will do).`,
		Example: `  relink sandbox --addr 127.0.0.1:8787 --faults 'cut-after=2%,5xx=2%,latency=20ms-80ms'
  RELINK_TOKEN=any relink import links.csv --api-url http://127.0.0.1:8787
  relink sandbox --reset`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := fromEnvironment(cmd); err != nil {
				return err
			}
			if s.reset {
				return p.resetSandbox(&s)
			}
			return p.serveSandbox(&s)
		},
	}
	flags := cmd.Flags()
	s.place.flags(flags)
	c := &s.config
	flags.StringVar(&s.addr, "addr", "127.0.0.1:8787", "where to listen: a loopback address")
	flags.BoolVar(&s.reset, "reset", false, "forget what the sandbox made, and the ledger's entries of it, and end")
	flags.BoolVar(&s.memory, "memory", false, "keep nothing on disk")
	flags.StringVar(&s.rate, "rate", "100/10s", "requests a location may make; 0: no limit")
	flags.IntVar(&s.daily, "daily", 200_000, "requests a location may make in a day; 0: no limit")
	flags.StringVar(&s.limits, "limits", "", "CSV of locationId,max,interval,daily for single locations")
	flags.StringVar(&c.Window, "window", sandbox.WindowSliding, "how the limit counts: sliding, strict (refused ones count too) or fixed")
	flags.StringVar(&c.RetryAfter, "retry-after", sandbox.RetryNone, "Retry-After of a 429: none, seconds or date")
	flags.Float64Var(&c.Others, "others", 0, "requests a second that another client takes of each location's allowance")
	flags.StringVar(&s.faults, "faults", "", "what goes wrong, such as cut-after=2%,5xx=2%,slow=0.5%:5s,latency=20ms-80ms")
	flags.Uint64Var(&c.Seed, "seed", 0, "of the dice that throw faults")
	flags.StringVar(&c.Shape, "shape", sandbox.ShapeSeen, "body of a create: seen, wrapped, documented or empty")
	flags.StringVar(&s.tokens, "tokens", "", "CSV of locationId,token[,refusal]: the tokens accepted (default: any)")
	flags.StringVar(&s.associations, "associations", "", "CSV of associationId,key,firstObject,secondObject[,locationId]: those that exist (default: any)")
	flags.StringVar(&s.records, "records", "", "CSV of recordId,object: those that exist (default: any)")
	flags.StringVar(&s.grants, "grants", "", "CSV of locationId,refreshToken that /oauth/token takes (default: any text, once)")
	flags.DurationVar(&c.OAuth.Lifetime, "token-lifetime", 0, "of an access token from /oauth/token (default 24 h)")
	flags.BoolVar(&s.accessLog, "access-log", false, "a line for each request on standard error")
	flags.DurationVar(&c.Offset, "clock-offset", 0, "moves the clock by which days end and tokens expire")
	flags.SortFlags = false
	return cmd
}

// folder is where a sandbox keeps what it made: one folder an address, since
// each address is a target of its own in the ledger.
func (s *stand) folder() (string, error) {
	dir, err := s.place.dir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "sandbox", strings.NewReplacer(":", "_", "[", "", "]", "").Replace(s.addr)), nil
}

func (p *program) serveSandbox(s *stand) error {
	if err := s.fill(); err != nil {
		return err
	}
	if s.accessLog {
		s.config.AccessLog = p.stderr
	}
	server, err := sandbox.New(s.config)
	if err != nil {
		return inStateFolder(fmt.Errorf("starting the sandbox: %w", err))
	}
	defer server.Close()
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		return usage(fmt.Errorf("starting the sandbox: %w", err), "choose another address with --addr 127.0.0.1:PORT")
	}
	address := "http://" + listener.Addr().String()
	fmt.Fprintf(p.stderr, "relink: the sandbox listens on %s; stop it with ^C\n", address)
	fmt.Fprintln(p.stdout, address)
	return server.Serve(p.soft, listener)
}

// fill turns the flags into the sandbox's configuration.
func (s *stand) fill() (err error) {
	c := &s.config
	host, _, err := net.SplitHostPort(s.addr)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return usage(fmt.Errorf("--addr %q is no loopback address: the sandbox takes any token, so it serves this machine only", s.addr), "give one such as 127.0.0.1:8787")
	}
	rate, err := pace.ParseRate(s.rate)
	if err != nil {
		return usage(fmt.Errorf("--rate: %w", err), "give one such as 100/10s, or 0")
	}
	c.Limit = sandbox.Limit{Max: rate.Max, Interval: rate.Interval, Daily: s.daily}
	if rate.Max == 0 {
		c.Limit.Max = -1
	}
	if s.daily == 0 {
		c.Limit.Daily = -1
	}
	if c.Faults, err = sandbox.ParseFaults(s.faults); err != nil {
		return usage(fmt.Errorf("--faults: %w", err), "see: relink sandbox --help")
	}
	for _, f := range []struct {
		flag, name string
		read       func(io.Reader) error
	}{
		{"--limits", s.limits, func(in io.Reader) (err error) { c.Limits, err = sandbox.ReadLimits(in); return }},
		{"--tokens", s.tokens, func(in io.Reader) (err error) { c.Tokens, c.Refusals, err = sandbox.ReadTokens(in); return }},
		{"--associations", s.associations, func(in io.Reader) (err error) { c.Associations, err = sandbox.ReadAssociations(in); return }},
		{"--records", s.records, func(in io.Reader) (err error) { c.Records, err = sandbox.ReadRecords(in); return }},
		{"--grants", s.grants, func(in io.Reader) (err error) { c.OAuth.Grants, err = sandbox.ReadGrants(in); return }},
	} {
		if err := readFile(f.flag, f.name, f.read); err != nil {
			return err
		}
	}
	if s.memory {
		return nil
	}
	c.Dir, err = s.folder()
	return err
}

func readFile(flag, name string, read func(io.Reader) error) error {
	if name == "" {
		return nil
	}
	file, err := os.Open(name)
	if err != nil {
		return usage(fmt.Errorf("%s: %w", flag, err), "see: relink sandbox --help")
	}
	defer file.Close()
	if err := read(file); err != nil {
		return usage(fmt.Errorf("%s %s: %w", flag, name, err), "see: relink sandbox --help")
	}
	return nil
}

// resetSandbox forgets the sandbox of the address, the one inside imports, and
// what the ledger knows of both. The ledger goes first: if only one of the two
// is forgotten, pairs are found existing, and none is taken for done.
func (p *program) resetSandbox(s *stand) error {
	served, err := s.folder()
	if err != nil {
		return err
	}
	dir, err := s.place.dir()
	if err != nil {
		return err
	}
	for target, folder := range map[string]string{
		insideTarget:       filepath.Join(dir, "sandbox", "inside"),
		"http://" + s.addr: served,
	} {
		if err := p.forget(&s.place, target); err != nil {
			return err
		}
		// Opening it first makes sure that no process is using it.
		if _, err := os.Stat(folder); err == nil {
			server, err := sandbox.New(sandbox.Config{Dir: folder})
			if err != nil {
				return fmt.Errorf("forgetting the sandbox: %w", err)
			}
			if err := errors.Join(server.Close(), os.RemoveAll(folder)); err != nil {
				return fmt.Errorf("forgetting the sandbox: %w", err)
			}
		}
	}
	fmt.Fprintln(p.stdout, "the sandbox and its ledger entries are forgotten")
	return nil
}

func (p *program) forget(place *place, target string) error {
	ledger, err := place.open(p.soft, target)
	if err != nil {
		return err
	}
	defer ledger.close()
	ctx, cancel := context.WithTimeout(p.hard, time.Hour)
	defer cancel()
	if err := ledger.Forget(ctx); errors.Is(err, importer.ErrBusy) {
		return &failure{err: fmt.Errorf("a run is sending to %s just now", target), code: 6, next: "stop it, then run the same command again"}
	} else if err != nil {
		return err
	}
	return nil
}
