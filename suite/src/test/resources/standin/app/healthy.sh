exec perl -MIO::Socket::INET -e '
    my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ENV{PORT}", Timeout => 2) or exit 1;
    print $s "GET /health HTTP/1.1\r\n\r\n"; exit(<$s> =~ / 200 / ? 0 : 1)'
