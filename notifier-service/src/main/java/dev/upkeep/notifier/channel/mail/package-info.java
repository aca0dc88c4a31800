/** Notices as mail, over SMTP. */
@NullMarked
package dev.upkeep.notifier.channel.mail;

import org.jspecify.annotations.NullMarked;
