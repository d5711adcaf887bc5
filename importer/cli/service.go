package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"

	"github.com/spf13/pflag"

	"relink/importer/leadconnector"
	"relink/importer/sandbox"
)

const liveURL = "https://services.leadconnectorhq.com"

// insideTarget is the ledger's name for the sandbox that runs inside an import:
// its address changes with every run, its relations do not.
const insideTarget = "sandbox"

// service is which service to talk to, and with which credentials.
type service struct {
	apiURL    string
	inside    bool
	tokenFile string
	tokens    string
	grants    string
}

func (s *service) flags(flags *pflag.FlagSet) {
	flags.StringVar(&s.apiURL, "api-url", liveURL, "the service")
	env(flags, "api-url", "RELINK_API_URL")
	flags.BoolVar(&s.inside, "sandbox", false, "start the stand-in for the service in this process and send to it")
	flags.StringVar(&s.tokenFile, "token-file", "", "file that holds the token; read again when the token is refused (or $RELINK_TOKEN holds the token itself)")
	env(flags, "token-file", "RELINK_TOKEN_FILE")
	flags.StringVar(&s.tokens, "tokens", "", "CSV of locationId,token for several locations")
	env(flags, "tokens", "RELINK_TOKENS")
	flags.StringVar(&s.grants, "credentials", "", "file of OAuth grants that relink login writes (default: credentials.json in the state folder)")
	env(flags, "credentials", "RELINK_CREDENTIALS")
}

// A link is an open way to the service.
type link struct {
	target  string // as the ledger names it
	base    *url.URL
	http    *http.Client
	secrets *secrets
	close   func()
}

// open checks the address and reads the credentials; with --sandbox it starts
// the stand-in.
func (s *service) open(ctx context.Context, stateDir string, workers int) (*link, error) {
	l, err := s.reach(ctx, stateDir, workers)
	if err != nil {
		return nil, err
	}
	if l.secrets, err = s.credentials(l, stateDir); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

// reach is open without the credentials.
func (s *service) reach(ctx context.Context, stateDir string, workers int) (*link, error) {
	l := &link{http: leadconnector.NewHTTP(workers), close: func() {}}
	address := s.apiURL
	if s.inside {
		inside, stop, err := startInside(ctx, filepath.Join(stateDir, "sandbox", "inside"))
		if err != nil {
			return nil, err
		}
		address, l.target, l.close = inside, insideTarget, stop
	}
	base, err := leadconnector.ParseBase(address)
	if err != nil {
		return nil, usage(err, "give the address with --api-url or $RELINK_API_URL")
	}
	l.base = base
	if !s.inside {
		l.target = base.String()
	}
	return l, nil
}

// client makes the client of one location.
func (l *link) client(location string) (*leadconnector.Client, error) {
	tokens, err := l.secrets.of(location)
	if err != nil {
		return nil, err
	}
	return &leadconnector.Client{Base: l.base, HTTP: l.http, Tokens: tokens, UserAgent: "relink/" + Version()}, nil
}

// startInside serves a sandbox with the real service's limits on a loopback
// port of its own.
func startInside(ctx context.Context, dir string) (address string, stop func(), err error) {
	server, err := sandbox.New(sandbox.Config{Dir: dir})
	if err != nil {
		return "", nil, inStateFolder(fmt.Errorf("starting the sandbox: %w", err))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("starting the sandbox: %w", err), server.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(ctx, listener) }) // its errors are failed calls to us
	return "http://" + listener.Addr().String(), func() {
		cancel()
		serving.Wait()
		_ = server.Close() // every answer it gave is written already
	}, nil
}
