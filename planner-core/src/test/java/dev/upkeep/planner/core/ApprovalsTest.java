package dev.upkeep.planner.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ApprovalsTest {
    @Test
    void somebodyElseMayApprove() {
        assertThat(Approvals.mayApprove("ada@example.com", "bob@example.com")).isTrue();
    }

    @Test
    void nobodyApprovesTheirOwnRequestHoweverTheNameIsWritten() {
        assertThat(Approvals.mayApprove("ada@example.com", "ada@example.com")).isFalse();
        assertThat(Approvals.mayApprove("ada@example.com", "Ada@Example.com ")).isFalse();
    }

    @Test
    void nobodyApprovesWhatNobodyAskedForAndNobodyIsNoApprover() {
        assertThat(Approvals.mayApprove("", "bob")).isFalse();
        assertThat(Approvals.mayApprove("ada", " ")).isFalse();
    }
}
