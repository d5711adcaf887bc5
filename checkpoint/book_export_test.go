package checkpoint

// SharesWith is shares, for the tests.
var SharesWith = (*Store).shares
