package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
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
}

func (s *service) flags(flags *pflag.FlagSet) {
	flags.StringVar(&s.apiURL, "api-url", liveURL, "the service")
	env(flags, "api-url", "RELINK_API_URL")
	flags.BoolVar(&s.inside, "sandbox", false, "start the stand-in for the service in this process and send to it")
	flags.StringVar(&s.tokenFile, "token-file", "", "file that holds the token; read again when the token is refused (or $RELINK_TOKEN holds the token itself)")
	env(flags, "token-file", "RELINK_TOKEN_FILE")
	flags.StringVar(&s.tokens, "tokens", "", "CSV of locationId,token for several locations")
	env(flags, "tokens", "RELINK_TOKENS")
}

// A link is an open way to the service.
type link struct {
	target string // as the ledger names it
	base   *url.URL
	http   *http.Client
	tokens func(location string) (leadconnector.Tokens, error)
	close  func()
}

// open checks the address and reads the credentials; with --sandbox it starts
// the stand-in.
func (s *service) open(ctx context.Context, stateDir string, workers int) (*link, error) {
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
	if l.tokens, err = s.credentials(); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

// client makes the client of one location.
func (l *link) client(location string) (*leadconnector.Client, error) {
	tokens, err := l.tokens(location)
	if err != nil {
		return nil, err
	}
	return &leadconnector.Client{Base: l.base, HTTP: l.http, Tokens: tokens, UserAgent: "relink/" + Version()}, nil
}

// credentials reads what --tokens, --token-file and $RELINK_TOKEN hold, and
// returns which of them is used for a location: the first, in this order, that
// has one.
func (s *service) credentials() (func(location string) (leadconnector.Tokens, error), error) {
	if s.inside {
		token, err := leadconnector.NewStaticToken("sandbox")
		return func(string) (leadconnector.Tokens, error) { return token, err }, nil
	}
	refuse := func(err error) error {
		return &failure{err: err, code: 5, next: "mend it and run the same command again"}
	}
	var several *leadconnector.TokensCSV
	var common leadconnector.Tokens
	var err error
	if s.tokens != "" {
		if several, err = leadconnector.OpenTokensCSV(s.tokens); err != nil {
			return nil, refuse(err)
		}
	}
	if s.tokenFile != "" {
		if common, err = leadconnector.OpenTokenFile(s.tokenFile); err != nil {
			return nil, refuse(err)
		}
	} else if text := os.Getenv("RELINK_TOKEN"); text != "" {
		if common, err = leadconnector.NewStaticToken(text); err != nil {
			return nil, refuse(fmt.Errorf("reading $RELINK_TOKEN: %w", err))
		}
	}
	if several == nil && common == nil {
		return nil, &failure{err: errors.New("there is no token for the service"), code: 5,
			next: "set $RELINK_TOKEN, or give --token-file FILE or --tokens CSV; to rehearse without one: --sandbox"}
	}
	return func(location string) (leadconnector.Tokens, error) {
		if several != nil {
			tokens, err := several.For(location)
			if err == nil || common == nil || !errors.Is(err, leadconnector.ErrNoToken) {
				return tokens, err
			}
		}
		return common, nil
	}, nil
}

// startInside serves a sandbox with the real service's limits on a loopback
// port of its own.
func startInside(ctx context.Context, dir string) (address string, stop func(), err error) {
	server, err := sandbox.New(sandbox.Config{Dir: dir})
	if err != nil {
		return "", nil, fmt.Errorf("starting the sandbox: %w", err)
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
