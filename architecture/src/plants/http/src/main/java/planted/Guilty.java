package planted;

import java.net.http.HttpClient;

/** Offers HTTP/2 on clear connections. */
public class Guilty {
    /** A client that does not say which version it speaks. */
    public HttpClient client() {
        return HttpClient.newHttpClient();
    }
}
