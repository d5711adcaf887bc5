package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// envKey marks a flag with the environment variables that stand in for it.
const envKey = "relink_env"

// fromKey marks a flag with the environment variable that set it.
const fromKey = "relink_from"

// named is how the user gave a setting: --rate, or $RELINK_RATE.
func named(cmd *cobra.Command, name string) string {
	if from := cmd.Flags().Lookup(name).Annotations[fromKey]; len(from) > 0 {
		return "$" + from[0]
	}
	return "--" + name
}

// env names the environment variables that stand in for a flag, the first one
// that is set wins; a flag that was given wins over them.
func env(flags *pflag.FlagSet, name string, variables ...string) {
	flag := flags.Lookup(name)
	flag.Usage += " [$" + strings.Join(variables, ", $") + "]"
	if err := flags.SetAnnotation(name, envKey, variables); err != nil {
		panic(err) // the flag is not defined: a mistake in this package
	}
}

// fromEnvironment sets every flag that was not given from its variable.
func fromEnvironment(cmd *cobra.Command) error {
	var failed error
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if flag.Changed || failed != nil {
			return
		}
		for _, variable := range flag.Annotations[envKey] {
			value := os.Getenv(variable)
			if value == "" {
				continue
			}
			flag.Annotations[fromKey] = []string{variable}
			if err := cmd.Flags().Set(flag.Name, value); err != nil {
				failed = usage(fmt.Errorf("$%s: %w", variable, err), "see: "+cmd.CommandPath()+" --help")
			}
			return
		}
	})
	return failed
}

// place is where relink keeps its things and its ledger.
type place struct {
	databaseURL string
	stateDir    string
}

func (p *place) flags(flags *pflag.FlagSet) {
	flags.StringVar(&p.databaseURL, "database-url", "", "Postgres that holds the ledger (default: a private one in the state folder)")
	env(flags, "database-url", "RELINK_DATABASE_URL", "DATABASE_URL")
	flags.StringVar(&p.stateDir, "state-dir", "", "folder for the private Postgres and the sandbox (default: $XDG_STATE_HOME/relink)")
	env(flags, "state-dir", "RELINK_STATE_DIR")
}

// dir is the state folder, absolute.
func (p *place) dir() (string, error) {
	dir := p.stateDir
	if dir == "" {
		if state := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(state) {
			dir = filepath.Join(state, "relink")
		} else {
			home, err := os.UserHomeDir()
			if err != nil {
				return "", usage(fmt.Errorf("finding the state folder: %w", err), "give one with --state-dir DIR")
			}
			dir = filepath.Join(home, ".local", "state", "relink")
		}
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("finding the state folder: %w", err)
	}
	return dir, nil
}
