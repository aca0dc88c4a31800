package dev.upkeep.access.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.access.core.Caller.Customer;
import dev.upkeep.access.core.Caller.Reading;
import dev.upkeep.access.core.Caller.Staff;
import dev.upkeep.contract.AccountId;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CallerTest {
    @Test
    void changingAndApprovingBringReadingWithThem() {
        assertThat(Caller.read("ada", Set.of("operator"), null))
                .isEqualTo(new Reading.Known(new Staff("ada", Set.of("operator", "viewer"))));
        assertThat(Caller.read("ada", Set.of("approver"), null))
                .isEqualTo(new Reading.Known(new Staff("ada", Set.of("approver", "viewer"))));
        assertThat(Caller.read("ada", Set.of("viewer"), null))
                .isEqualTo(new Reading.Known(new Staff("ada", Set.of("viewer"))));
    }

    @Test
    void groupsOfOthersMeanNothing() {
        assertThat(Caller.read("ada", Set.of("admin", "Operator", "everyone"), null))
                .isEqualTo(new Reading.Known(new Staff("ada", Set.of())));
    }

    @Test
    void aCustomerIsBoundToTheAccountThatItsTokenNames() {
        assertThat(Caller.read("eve", Set.of("customer", "everyone"), "acme-inc"))
                .isEqualTo(new Reading.Known(new Customer("eve", new AccountId("acme-inc"))));
    }

    @Test
    void aCustomerWithoutAnAccountIsNobody() {
        assertThat(Caller.read("eve", Set.of("customer"), null)).isInstanceOf(Reading.Unclear.class);
        assertThat(Caller.read("eve", Set.of("customer"), "")).isInstanceOf(Reading.Unclear.class);
        assertThat(Caller.read("eve", Set.of("customer"), "acme/../other")).isInstanceOf(Reading.Unclear.class);
    }

    @Test
    void nobodyIsACustomerAndMoreThanThat() {
        assertThat(Caller.read("eve", Set.of("customer", "operator"), "acme-inc"))
                .isInstanceOf(Reading.Unclear.class);
        assertThat(Caller.read("eve", Set.of("customer", "viewer"), "acme-inc")).isInstanceOf(Reading.Unclear.class);
    }

    @Test
    void aTokenThatNamesNobodyIsNobodys() {
        assertThat(Caller.read(null, Set.of("operator"), null)).isInstanceOf(Reading.Unclear.class);
        assertThat(Caller.read(" ", Set.of("operator"), null)).isInstanceOf(Reading.Unclear.class);
    }
}
