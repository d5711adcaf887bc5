package cli

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"relink/importer"
	"relink/importer/pace"
	"relink/importer/report"
)

// sending are the settings that all sending commands share.
type sending struct {
	place   place
	service service

	rateText       string
	rate           pace.Rate
	workers        int
	dailyReserve   int
	dailyLimit     int
	waitForQuota   bool
	attempts       int
	timeout        time.Duration
	maxDuration    time.Duration
	outageLimit    time.Duration
	stopAfterAlike int
	wait           time.Duration
	betweenText    string
	hours          hours

	output output
}

func (s *sending) flags(flags *pflag.FlagSet) {
	s.place.flags(flags)
	s.service.flags(flags)
	flags.StringVar(&s.rateText, "rate", "100/10s", "calls allowed in an interval; the service's headers can only lower it; 0: as fast as they allow")
	env(flags, "rate", "RELINK_RATE")
	flags.IntVar(&s.workers, "workers", 0, "calls in flight at most, for each location (default: enough for the rate)")
	env(flags, "workers", "RELINK_WORKERS")
	flags.IntVar(&s.dailyReserve, "daily-reserve", 0, "calls of the day's quota to leave to others")
	env(flags, "daily-reserve", "RELINK_DAILY_RESERVE")
	flags.IntVar(&s.dailyLimit, "daily-limit", 200_000, "calls a day, where the service does not tell")
	flags.BoolVar(&s.waitForQuota, "wait-for-quota", false, "sleep until the day's quota is back, in place of stopping")
	flags.IntVar(&s.attempts, "attempts", 5, "tries of a row in doubt")
	flags.DurationVar(&s.timeout, "timeout", 30*time.Second, "for one request")
	flags.DurationVar(&s.maxDuration, "max-duration", 0, "stop softly after this long")
	flags.DurationVar(&s.outageLimit, "outage-limit", 15*time.Minute, "stop when the service or the database is away for this long")
	flags.IntVar(&s.stopAfterAlike, "stop-after-alike", 100, "stop when the first so many answers of a location all fail alike; 0: never")
	flags.DurationVar(&s.wait, "wait", 0, "wait at most this long for a location that another run holds")
	flags.StringVar(&s.betweenText, "between", "", "send only in these hours of the day, such as 22:00-06:00")
	flags.BoolVar(&s.hours.wait, "wait-for-window", false, "outside the hours of --between wait, in place of stopping")
	s.output.flags(flags)
}

// parse reads the environment and checks what the flags say.
func (s *sending) parse(cmd *cobra.Command) (err error) {
	if err := fromEnvironment(cmd); err != nil {
		return err
	}
	if s.rate, err = pace.ParseRate(s.rateText); err != nil {
		return usage(fmt.Errorf("%s: %w", named(cmd, "rate"), err), "give one such as 100/10s, or 0")
	}
	if s.hours.between, err = pace.ParseBetween(s.betweenText); s.betweenText != "" && err != nil {
		return usage(fmt.Errorf("--between: %w", err), "give hours such as 22:00-06:00")
	}
	if s.rate.Max == 0 && !cmd.Flags().Changed("daily-limit") {
		s.dailyLimit = 0 // as fast as the headers allow, and without them no limit
	}
	for name, value := range map[string]int{
		"workers": s.workers, "daily-reserve": s.dailyReserve, "daily-limit": s.dailyLimit,
		"attempts": s.attempts - 1, "stop-after-alike": s.stopAfterAlike,
		"timeout": int(min(s.timeout-1, 1)), "max-duration": int(min(s.maxDuration, 1)),
		"outage-limit": int(min(s.outageLimit-1, 1)), "wait": int(min(s.wait, 1)),
	} {
		if value < 0 {
			return usage(fmt.Errorf("%s is too small", named(cmd, name)), "see: "+cmd.CommandPath()+" --help")
		}
	}
	return s.output.parse()
}

// mostWorkers bounds the calls in flight of all lanes together, and with them
// the connections, unless --workers says otherwise.
const mostWorkers = 512

// limits are the engine's, for one of so many lanes.
func (s *sending) limits(lanes int) importer.Limits {
	l := importer.Limits{
		Workers: s.workers, Attempts: s.attempts, Timeout: s.timeout, OutageLimit: s.outageLimit,
		Wait: s.wait, StopAfterAlike: s.stopAfterAlike,
	}
	perSecond := s.rate.PerSecond()
	if l.Workers == 0 {
		// Enough for answers that take three seconds; they are started
		// only as they are needed.
		l.Workers = int(min(max(math.Ceil(3*perSecond), 4), 64))
		if perSecond == 0 {
			l.Workers = 64
		}
		l.Workers = min(l.Workers, max(2, mostWorkers/max(lanes, 1)))
	}
	// About a second's worth.
	l.Batch = int(min(max(math.Ceil(perSecond), 10), 1000))
	if perSecond == 0 {
		l.Batch = 1000
	}
	return l
}

// settings are what the ledger records of a run: nothing secret is among them.
func (s *sending) settings() map[string]any {
	return map[string]any{
		"version": Version(), "rate": s.rate.String(), "workers": s.limits(1).Workers,
		"daily_reserve": s.dailyReserve, "daily_limit": s.dailyLimit, "attempts": s.attempts,
		"timeout": s.timeout.String(), "max_duration": s.maxDuration.String(), "outage_limit": s.outageLimit.String(),
		"stop_after_alike": s.stopAfterAlike, "between": s.betweenText,
	}
}

// output is how much a person wants to read.
type output struct {
	quiet, verbose, json bool
	logFormat            string
}

func (o *output) flags(flags *pflag.FlagSet) {
	flags.BoolVar(&o.json, "json", false, "the summary as one JSON object on standard output")
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "warnings and the summary only")
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "one line a request as well")
	flags.StringVar(&o.logFormat, "log-format", "text", "text or json")
	env(flags, "log-format", "RELINK_LOG_FORMAT")
}

func (o *output) parse() error {
	if o.logFormat != "text" && o.logFormat != "json" {
		return usage(fmt.Errorf("--log-format %q is not known", o.logFormat), "give text or json")
	}
	if o.quiet && o.verbose {
		return usage(errors.New("--quiet and --verbose exclude each other"), "give one of them")
	}
	return nil
}

func (o *output) report() report.Output {
	return report.Output{Quiet: o.quiet, Verbose: o.verbose, JSON: o.logFormat == "json"}
}
