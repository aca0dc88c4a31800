package planted;

import java.util.ArrayList;
import java.util.List;

/** Uses a raw type. */
final class Guilty {
    private Guilty() {}

    static List list() {
        return new ArrayList<String>();
    }
}
