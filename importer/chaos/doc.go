// Package chaos holds no code, only tests: the built program, a real Postgres
// and the sandbox, in processes of their own, broken in every way that a night
// has in store. What holds after each of them stands in one function,
// (*world).verify.
//
// The short forms run with all other tests. RELINK_CHAOS=1 runs the long ones
// (make chaos) and prints a table. Every random choice comes from one seed,
// which is printed; RELINK_SEED=N repeats it as far as a kill can be repeated.
package chaos
