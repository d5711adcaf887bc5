package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"relink/importer"
	"relink/importer/leadconnector"
)

// login are the settings of relink login.
type login struct {
	place         place
	service       service
	location      string
	code, refresh string // files
	redirect      string
	check         bool
	timeout       time.Duration
}

const neverInArgv = "give the name of a file, or - for standard input: a secret never stands on the command line, where every user of the machine can read it"

func (p *program) loginCommand() *cobra.Command {
	var s login
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Store an OAuth grant that relink renews by itself; --check asks what a token may do",
		Long: `login exchanges an authorization code, or a refresh token, for a grant and stores
it in the credentials file (mode 0600). Sending commands renew it from then on,
with the app's $RELINK_CLIENT_ID and $RELINK_CLIENT_SECRET (or _FILE).

A private integration token needs no login: see $RELINK_TOKEN and --tokens.

--check makes one harmless read for each location and says whether the service
takes the token, and which scope is missing.`,
		Example: `  relink login --code - --location ve9EPM428h8vShlRW1KT
  relink login --refresh-token /run/secrets/refresh
  relink login --check`,
		// Not cobra's: it would repeat what may be a secret.
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return errors.New("login takes no argument: " + neverInArgv)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := fromEnvironment(cmd); err != nil {
				return err
			}
			if s.check {
				return p.checkTokens(&s)
			}
			return p.storeGrant(&s)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&s.code, "code", "", "file with an authorization code (- for standard input)")
	flags.StringVar(&s.refresh, "refresh-token", "", "file with a refresh token (- for standard input)")
	flags.StringVar(&s.redirect, "redirect-uri", "", "the redirect URL that the code was made for, if the app has several")
	flags.BoolVar(&s.check, "check", false, "ask the service what the tokens may do, and end")
	flags.StringVar(&s.location, "location", "", "location id (default: the one the service names; with --check: all that have a token)")
	env(flags, "location", "RELINK_LOCATION")
	flags.DurationVar(&s.timeout, "timeout", 30*time.Second, "for one request")
	s.service.flags(flags)
	flags.StringVar(&s.place.stateDir, "state-dir", "", "folder of the credentials file (default: $XDG_STATE_HOME/relink)")
	env(flags, "state-dir", "RELINK_STATE_DIR")
	flags.SortFlags = false
	return cmd
}

// storeGrant exchanges what the user brought.
func (p *program) storeGrant(s *login) error {
	if (s.code == "") == (s.refresh == "") {
		return usage(errors.New("login wants either --code FILE or --refresh-token FILE"), "see: relink login --help")
	}
	if s.service.inside {
		return usage(errors.New("--sandbox needs no login"), "start relink sandbox and name it with --api-url")
	}
	ticket := leadconnector.Ticket{Redirect: s.redirect, Location: s.location}
	var err error
	if ticket.Code, err = p.secret("--code", s.code); err != nil {
		return err
	}
	if ticket.Refresh, err = p.secret("--refresh-token", s.refresh); err != nil {
		return err
	}
	dir, err := s.place.dir()
	if err != nil {
		return err
	}
	way, err := s.service.reach(p.hard, dir, 1)
	if err != nil {
		return err
	}
	defer way.close()
	app, err := oauthApp(way.base, way.http)
	if err != nil {
		return err
	}
	grants, err := leadconnector.OpenCredentials(s.service.grantsPath(dir), way.target)
	if err != nil {
		return &failure{err: err, code: 5, next: "mend it and run the same command again"}
	}
	ctx, cancel := context.WithTimeout(p.soft, s.timeout)
	defer cancel()
	issued, err := grants.Login(ctx, app, ticket)
	if err != nil {
		return &failure{err: err, code: exitOf(err), next: advice(err)}
	}
	fmt.Fprintf(p.stdout, "location %s: stored in %s, good until %s, then renewed by itself\n",
		issued.Location, grants.Path(), issued.Expires.Format("2006-01-02 15:04 MST"))
	p.scopes(issued.Scopes, false)
	if s.location != "" && s.location != issued.Location {
		return &failure{err: fmt.Errorf("the service gave a grant for location %s, and none for %s", issued.Location, s.location), code: 5,
			next: "have the app authorized in that location"}
	}
	return nil
}

// secret reads what one of the flags names; without a name it is no token.
func (p *program) secret(flag, name string) (leadconnector.Token, error) {
	var token leadconnector.Token
	var err error
	switch name {
	case "":
		return token, nil
	case "-":
		var text []byte
		if text, err = io.ReadAll(io.LimitReader(p.stdin, 16<<10)); err == nil {
			token, err = leadconnector.NewToken(string(text))
		}
	default:
		token, err = leadconnector.ReadSecretFile(name)
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) || errors.Is(err, syscall.ENAMETOOLONG) {
		// The name may be the secret itself.
		return token, usage(fmt.Errorf("%s: there is no such file", flag), neverInArgv)
	}
	if err != nil {
		return token, usage(fmt.Errorf("%s: %w", flag, err), "see: relink login --help")
	}
	return token, nil
}

// checkTokens asks for each location what its token may do.
func (p *program) checkTokens(s *login) error {
	if s.code != "" || s.refresh != "" {
		return usage(errors.New("--check stands alone"), "see: relink login --help")
	}
	dir, err := s.place.dir()
	if err != nil {
		return err
	}
	way, err := s.service.open(p.hard, dir, 1)
	if err != nil {
		return err
	}
	defer way.close()
	locations := []string{s.location}
	if s.location == "" {
		if locations, err = way.secrets.locations(); err != nil {
			return err
		}
	}
	if len(locations) == 0 {
		return usage(errors.New("no location to check"), "name one with --location ID")
	}
	for _, location := range locations {
		if err := p.checkToken(way, location, s.timeout); err != nil {
			fmt.Fprintf(p.stdout, "location %s: %s\n", location, message(importer.End{Detail: err.Error(), Err: err}))
			if told := (*leadconnector.Error)(nil); errors.As(err, &told) && told.LacksScope() {
				fmt.Fprintf(p.stdout, "  %-32s missing\n", leadconnector.ScopeRead)
			}
			p.exit = importer.WorseExit(p.exit, exitOf(err))
		}
	}
	return nil
}

// checkToken makes the one read, and once more if the token had to be renewed.
func (p *program) checkToken(way *link, location string, timeout time.Duration) error {
	client, err := way.client(location)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(p.soft, 2*timeout)
	defer cancel()
	reply, err := client.Check(ctx, location)
	if err != nil && importer.ClassOf(err) == importer.Stale {
		if lost := client.Renew(ctx, reply.Credential); lost != nil {
			return fmt.Errorf("%w; %w", err, lost)
		}
		_, err = client.Check(ctx, location)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "location %s: the service takes the token\n", location)
	var scopes []string
	if grants := way.secrets.grants; grants != nil {
		if scopes, err = grants.Scopes(location); err != nil {
			return err
		}
	}
	p.scopes(scopes, true)
	return nil
}

// scopes says which of the needed ones there are. Where the service did not say,
// a read has shown one of them at most.
func (p *program) scopes(granted []string, read bool) {
	for _, scope := range []string{leadconnector.ScopeWrite, leadconnector.ScopeRead, leadconnector.ScopeAssociations} {
		word := "missing: relink needs it " + map[bool]string{true: "to create relations", false: "for checks and undo"}[scope == leadconnector.ScopeWrite]
		switch {
		case slices.Contains(granted, scope):
			word = "granted"
		case read && scope == leadconnector.ScopeRead:
			word = "granted, the read has shown it"
		case len(granted) == 0:
			word = "not known: the service tells it by the first call that needs it"
		case scope == leadconnector.ScopeWrite:
			p.exit = 5
		}
		fmt.Fprintf(p.stdout, "  %-32s %s\n", scope, word)
	}
}

// exitOf is the exit code of a credential that cannot be had.
func exitOf(err error) int {
	var f *failure
	switch {
	case errors.As(err, &f):
		return f.code
	case errors.Is(err, importer.Refused), errors.Is(err, importer.Stale):
		return 5
	case errors.Is(err, importer.Unsent), errors.Is(err, importer.Doubt), errors.Is(err, importer.Blocked),
		errors.Is(err, importer.Throttled), errors.Is(err, importer.Spent):
		return 4
	}
	return 1
}
