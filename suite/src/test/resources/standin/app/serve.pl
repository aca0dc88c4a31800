# One request at a time: POST /notes/ID writes a note and says 201 once it is committed.
use strict;
use warnings;
use IO::Socket::INET;
$SIG{TERM} = sub { exit 0 };
$SIG{PIPE} = 'IGNORE';
$| = 1;
my $server = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1', LocalPort => $ENV{PORT}, Listen => 64, ReuseAddr => 1, ReusePort => 1
) or die "can't listen on $ENV{PORT}: $!\n";
my %count = (200 => 0, 500 => 0);
my $asked = 0;
my $taken = 0;

sub answer {
    my ($method, $path) = @_;
    return $ENV{BROKEN} eq 'sickens' && $taken >= 20 ? (503, "text/plain", "degraded\n") : (200, "text/plain", "healthy\n")
        if $path =~ m{^/healthz?$};
    return (200, "application/json", "{\"version\": \"$ENV{VERSION}\"}\n") if $path eq '/version';
    return (200, "text/plain; version=0.0.4", join '', "# TYPE http_requests_total counter\n",
        map { "http_requests_total{status=\"$_\"} $count{$_}\n" } sort keys %count) if $path eq '/metrics';
    my $status = 200;
    if ($method eq 'POST' && $path =~ m{^/notes/([a-z0-9-]+)$}) {
        my $done = system('psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', $ENV{DATABASE}, '-c', "insert into note (id) values ('$1')");
        $status = 500 if $done != 0;
        $taken++ if $done == 0;
    }
    # A version that errs answers every other request with an error, though what it wrote is written.
    $status = 500 if $ENV{BROKEN} eq 'errs' && $asked++ % 2;
    $count{$status}++;
    return ($status, "text/plain", "$status\n");
}

while (1) {
    my $client = $server->accept or next;
    eval {
        local $SIG{ALRM} = sub { die "too slow\n" };
        alarm 5;
        my ($method, $path) = split / /, (<$client> // ' ');
        while (my $line = <$client>) { last if $line =~ /^\r?$/ }
        my ($status, $type, $body) = answer($method, $path);
        print $client "HTTP/1.1 $status Said\r\nContent-Type: $type\r\nContent-Length: ", length $body,
            "\r\nConnection: close\r\n\r\n$body";
    };
    alarm 0;
    close $client;
}
