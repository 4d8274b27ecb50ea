//! Every threshold in one place, each with unit, default and source.
//!
//! Sources: *literature* entries name the paper; *measured* entries were measured on real
//! recordings by this project; *judgment* entries are this project's own choice.

use serde::Serialize;

/// All thresholds, stage by stage.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Thresholds {
    /// Reading the recording.
    pub source: SourceThresholds,
    /// Finding and following the face.
    pub face: FaceThresholds,
    /// Measuring the motion of the skin.
    pub skin: SkinThresholds,
    /// Reading signals off the observations.
    pub signal: SignalThresholds,
    /// Weighing the whole recording.
    pub pattern: PatternThresholds,
    /// Blinks and prolonged closures.
    pub blink: BlinkThresholds,
    /// Contractions and how they group into events.
    pub event: EventThresholds,
}

/// Thresholds of the source stage.
#[derive(Debug, Clone, Serialize)]
pub struct SourceThresholds {
    /// Mean change of a picture below which, with [`Self::repeat_worst`], it repeats the one
    /// before whatever is usual (grey levels, default 0.05; measured: repeats of a clip encoded
    /// at a constant rate factor of 12 lie at 0.01 to 0.04, new pictures above 0.1).
    pub repeat_whole: f32,
    /// Mean change of the four parts that changed most up to which it is the codec's noise (grey
    /// levels, default 0.7; measured: 0.3 to 0.6 in such repeats; a lid that moves by a pixel
    /// makes more).
    pub repeat_worst: f32,
    /// The same two as shares of what is usual from one new picture to the next (fraction,
    /// default 0.2; measured: 0.02 to 0.15 in repeats, above 0.4 in new pictures of webcams).
    pub repeat_whole_share: f32,
    /// See [`Self::repeat_whole_share`] (fraction, default 0.3; measured: 0.02 to 0.28).
    pub repeat_worst_share: f32,
    /// Mean change of the four parts that changed most from which a picture is new whatever is
    /// usual, as where a head has just come to rest (grey levels, default 2.5; measured: up to 2.3
    /// in repeats of recordings that were strongly compressed, 3 to 9 in new pictures of faces that
    /// hold still after a movement).
    pub repeat_worst_most: f32,
    /// Time after the last new picture from which one counts as new though nothing changed
    /// (seconds, default 0.4; judgment: within `pause_max_s` of the face stage, so that a face
    /// that is still is followed on).
    pub repeat_longest_s: f64,
}

impl Default for SourceThresholds {
    fn default() -> Self {
        Self {
            repeat_whole: 0.05,
            repeat_worst: 0.7,
            repeat_whole_share: 0.2,
            repeat_worst_share: 0.3,
            repeat_worst_most: 2.5,
            repeat_longest_s: 0.4,
        }
    }
}

/// Thresholds of the face stage.
#[derive(Debug, Clone, Serialize)]
pub struct FaceThresholds {
    /// Presence below which the face counts as lost (probability, default 0.5; measured).
    pub presence_min: f32,
    /// Score from which the detector's answer counts as a face (probability, default 0.5; the
    /// reference implementation's value).
    pub detection_min: f32,
    /// The same for a part of the picture or a turned one, where there are more looks to go
    /// wrong (probability, default 0.7; judgment).
    pub part_detection_min: f32,
    /// Score that is enough to confirm a face already held (probability, default 0.3; judgment:
    /// a hand or a look aside lowers the score, an empty wall scores next to nothing).
    pub confirmation_min: f32,
    /// How often the detector looks at the whole picture while a face is held, to confirm it and
    /// to see other faces (seconds, default 1; judgment: a thousandth of the time).
    pub confirm_every_s: f64,
    /// Time without confirmation by the detector after which a held face is given up (seconds,
    /// default 2; judgment: longer than a hand or a look aside hides a face from the detector).
    pub unconfirmed_max_s: f64,
    /// Score from which a palm counts (probability, default 0.7; measured: hands before seven faces
    /// score 0.8 and more, faces without a hand up to 0.75, and then small).
    pub hand_min: f32,
    /// Score from which a palm is told surely, so that it counts wherever it reaches (probability,
    /// default 0.85; measured: necks and collars of painted and filmed people score up to 0.82, hands
    /// on three faces 0.85 and more in half of the looks).
    pub hand_sure: f32,
    /// How often hands are looked for while none is near the face, and while one is (seconds,
    /// default 0.4 and 0.15; judgment: a hand needs as long to come up; one look costs some three
    /// frames).
    pub hand_every_s: f64,
    /// See `hand_every_s`.
    pub hand_near_every_s: f64,
    /// Change of what lies around the face below which no hand has come since none was there, and
    /// for how long that is believed (grey levels, default 12; measured: hands that come to three
    /// faces change it by 36 to 58, those who talk before a still ground by 7 in the median and 11 at
    /// the 90th percentile. Seconds, default 2; judgment).
    pub hand_stir: f32,
    /// See `hand_stir`.
    pub hand_longest_s: f64,
    /// Time for which a hand that is not found again is still taken to be there (seconds, default
    /// 0.4; judgment: fingers are foreshortened for moments).
    pub hand_stays_s: f64,
    /// Time for which a lost subject is preferred to other faces near its last place (seconds,
    /// default 10; judgment).
    pub remember_s: f64,
    /// Longest interval between two frames across which a face is followed (seconds, default 0.5;
    /// judgment: a slow camera's; after a longer one the recording has a gap).
    pub pause_max_s: f64,
    /// Least jump of the head, beyond where its motion would have carried it, that can be a cut
    /// (face units, default 0.04; measured: fifty times the jitter of a still head).
    pub cut_jump_fu: f32,
    /// Acceleration of the head above which a jump is a cut (face units per second squared,
    /// default 120; judgment: turning the head at 5000 degrees per second squared, as hard as
    /// anyone can, moves the face by 105. Measured: up to 34 in talk and laughter, 81 where a
    /// webcam drops frames).
    pub cut_acceleration: f32,
    /// The same where the mouth jumps in the same frame (face units per second squared, default
    /// 40; measured: up to 34 in talk and laughter).
    pub cut_acceleration_with_mouth: f32,
    /// Least change of the mouth, head motion removed, that counts as its jump (face units,
    /// default 0.04; measured: the 99th percentile of talk between two frames).
    pub cut_mouth_fu: f32,
    /// Least speed of that change (face units per second, default 1.2; the same at 30 frames a
    /// second).
    pub cut_mouth_speed: f32,
    /// Least change of the picture, or of the patch where the face was, that must come with a jump
    /// of the face (one less the correlation of brightness, default 0.02; judgment: a camera's
    /// noise stays below 0.01).
    pub cut_stir_least: f32,
    /// The same over the largest such change in the frames before (default 2; judgment: what a
    /// head does is as large in the frame before, what an editor does is not).
    pub cut_stir_times: f32,
    /// Least change of the whole picture that can be a cut (one less the correlation of
    /// brightness, default 0.5; measured: up to 0.22 when hands fill half of it).
    pub cut_picture_change: f32,
    /// Least change of the patch where the face was that must go with it (one less the
    /// correlation, default 0.4; measured: up to 0.24 in fast motion).
    pub cut_face_change: f32,
}

impl Default for FaceThresholds {
    fn default() -> Self {
        Self {
            presence_min: 0.5,
            detection_min: 0.5,
            part_detection_min: 0.7,
            confirmation_min: 0.3,
            confirm_every_s: 1.0,
            unconfirmed_max_s: 2.0,
            hand_min: 0.7,
            hand_sure: 0.85,
            hand_every_s: 0.4,
            hand_near_every_s: 0.15,
            hand_stir: 12.0,
            hand_longest_s: 2.0,
            hand_stays_s: 0.4,
            remember_s: 10.0,
            pause_max_s: 0.5,
            cut_jump_fu: 0.04,
            cut_acceleration: 120.0,
            cut_acceleration_with_mouth: 40.0,
            cut_mouth_fu: 0.04,
            cut_mouth_speed: 1.2,
            cut_stir_least: 0.02,
            cut_stir_times: 2.0,
            cut_picture_change: 0.5,
            cut_face_change: 0.4,
        }
    }
}

/// Thresholds of the skin's motion.
#[derive(Debug, Clone, Serialize)]
pub struct SkinThresholds {
    /// Cutoff of the low-pass on the head's turn and nod while the head is still (hertz, default
    /// 0.2; measured: half a second of memory halves the noise that the mesh's own turn brings).
    pub turn_cutoff_hz: f64,
    /// Rise of that cutoff with the speed of turning (hertz per radian a second, default 6;
    /// measured: a head that turns by 30 degrees a second is followed within 0.05 s).
    pub turn_cutoff_rise: f64,
    /// Gradient below which skin is too smooth for the head's motion (grey levels per pixel of
    /// the unwrapped face, default 1.5; measured: about three times a webcam's noise).
    pub texture_min: f32,
    /// Contrast below which a place shows nothing to follow (standard deviation in grey levels,
    /// default 0.8; judgment: below a webcam's noise after smoothing).
    pub contrast_min: f32,
    /// Correlation with the reference below which a place is not measured (0 to 1, default 0.3;
    /// measured: a strong pull of the mouth still reaches 0.4, a cheek turned out of view 0.2).
    pub likeness_min: f32,
    /// Part of its frontal area that a place must still show (0 to 1, default 0.35; measured: at
    /// 20 degrees of turn the far periocular skin falls below and its flow breaks down).
    pub view_min: f32,
    /// Log odds that a place is seen: the constant, and for each unit of how much less like its own
    /// the texture is than usual (logarithm of the ratio), of the mismatch with the key (logarithm of
    /// 1 less correlation), of colour (hundredths of the share of red and blue), of brightness and of
    /// contrast (logarithms of ratios), all against what the whole face does (nats, default 3.5,
    /// -2.65, -1.42, -0.19, -5, -0.74; fitted by logistic regression on 27 filmed people before whom
    /// nine kinds of things are painted, and 20 recordings of winks, pulls, laughter and talk without
    /// any; the constant raised by 0.7 for frames rarely hidden. With each person left out, half of
    /// the hidden frames are told and 0.5 % of the seen ones lost).
    pub sight: [f32; 6],
    /// The same for an eye: at rest, for each unit by which its picture is less like the subject's
    /// own, and for each nat against the skin below it (nats, default 6.2, -12.4, 0.5; fitted as
    /// `sight` is: with each person left out, 0.93 of the hidden frames are told and 0.5 % of the
    /// seen ones lost).
    pub sight_of_eyes: [f32; 3],
}

impl Default for SkinThresholds {
    fn default() -> Self {
        Self {
            turn_cutoff_hz: 0.2,
            turn_cutoff_rise: 6.0,
            texture_min: 1.5,
            contrast_min: 0.8,
            likeness_min: 0.3,
            view_min: 0.35,
            sight: [3.5, -2.65, -1.42, -0.19, -5.0, -0.74],
            sight_of_eyes: [6.2, -12.4, 0.5],
        }
    }
}

/// Thresholds of the signal stage.
#[derive(Debug, Clone, Serialize)]
pub struct SignalThresholds {
    /// Quantile of the lid opening that counts as open (fraction, default 0.9; judgment: half
    /// lowered lids, which a look at the desk brings for most of the time, stay below it, and
    /// eyes opened wide take less than a tenth).
    pub open_quantile: f32,
    /// Time constant with which levels forget (seconds, default 60; judgment: slower than any
    /// expression, quicker than fatigue or a change of seat).
    pub level_time_s: f64,
    /// Aperture below which a lid is down and tells little about the open level (fraction of
    /// open, default 0.6; judgment: between the half-lowered lid of a look-down and a squint).
    pub lid_down_aperture: f32,
    /// Weight of such a frame in the open level (default 0.02; judgment: an eye shut for ten
    /// minutes then weighs as much as twelve open seconds, yet a wrong level still mends).
    pub lid_down_weight: f32,
    /// Aperture below which the mesh takes a lid for shut (fraction of open, default 0.25; measured:
    /// shut lids read up to 0.2, and so do lids that are most of the way down).
    pub lid_shut_aperture: f32,
    /// Time with a face before the first levels count as settled (seconds, default 3; judgment:
    /// longer than any blink, so that a recording may begin with shut eyes).
    pub settle_s: f64,
    /// The longest time that the first levels are waited for while no open lids were seen
    /// (seconds, default 20; judgment: eyes shut for longer are shut on purpose or asleep).
    pub settle_most_s: f64,
    /// Lid opening over fissure width from which lids count as open before the recording has shown
    /// its own level (default 0.17; measured: open lids of the shared recordings read 0.2 to 0.4,
    /// shut ones up to 0.12).
    pub open_least: f32,
    /// Time constant with which the level of a moment forgets what was before and after, when the
    /// whole recording is read again (seconds, default 120; judgment: lids that rest low for
    /// minutes are not yet the open level, a seat or a light that changed is).
    pub level_reread_s: f64,
    /// Probability below which a place counts as hidden and has no value (default 0.5).
    pub hidden_below: f32,
    /// Time before and after a hidden stretch that counts as hidden too, when the recording is
    /// read again (seconds, default 0.15; judgment: a hand's edge crosses an eye in that time).
    pub hidden_guard_s: f64,
    /// Standard deviation of an aperture's error where nothing speaks against it (open apertures,
    /// default 0.05; measured: an open webcam eye reads to 0.03, a shut one to 0.1).
    pub aperture_error: f32,
    /// Likeness to the subject's own pictures from which an eye's picture tells of its lids
    /// (correlation, default 0.7; judgment after MODELS: 0.15 to 0.79 behind a hand, 0.88 and more
    /// in view).
    pub picture_likeness_min: f32,
    /// Closing that the mesh must see for the picture to count, which it fully does at twice that
    /// (open apertures, default 0.2; judgment: beyond gaze and jitter).
    pub picture_from: f32,
    /// Part of the picture's further closing that is believed (default 0.5: two readings of the
    /// same weight).
    pub picture_part: f32,
    /// What a picture sees of shut lids before the subject has shown its own (fraction of the way,
    /// default 0.8; measured: 0.5 to 0.93 in ten people).
    pub picture_shut: f32,
    /// Way of the lids from which what a picture sees is stretched so that shut lids read 1, and the
    /// least that it sees of shut ones (fractions, default 0.6 and 0.7; measured: lids put 0.3 and 0.6
    /// of the way down are seen at 0.4 and 0.6).
    pub picture_stretched: [f32; 2],
    /// Closing from which the mesh begins to take lids for shut, and from which it fully does (open
    /// apertures, default 0.5 and 0.8; measured: lids put 0.6 of the way down read 0.65 to 0.95).
    pub mesh_saturates: [f32; 2],
    /// What the other eye's picture must see more of the lids' way for one lid to stay behind, from
    /// none of it to all of it (fractions, default 0.1 and 0.3; measured: the pictures of lids that
    /// shut together differ by up to 0.15).
    pub picture_behind: [f32; 2],
    /// Part of what the picture sees less there that is believed (default 0.7; derived: errors of 0.2
    /// and 0.1 of the way, weighed by their squares, and a little less).
    pub picture_less: f32,
    /// Least leap of a place there and back that is a slip of the tracker (mFU, default 4; judgment:
    /// a tenth of a mouth corner's pull).
    pub slip_least_mfu: f32,
    /// The same in usual steps from frame to frame, where that is more (default 8; judgment).
    pub slip_steps: f32,
    /// Longest time in which it leaps there and back (seconds, default 0.09; literature (mem):
    /// clonic twitches last 0.1 s and more).
    pub slip_within_s: f64,
    /// Outer-canthal distance below which the iris tells no gaze (pixels, default 45; derived: the
    /// iris is 0.13 of it, and its height is read to a pixel or two).
    pub gaze_min_px: f32,
    /// Outer-canthal distance below which a recording is warned of (pixels, default 60; MODELS:
    /// a face 400 pixels across has about 250, tracking is lost near 25).
    pub face_unit_min_px: f32,
}

impl Default for SignalThresholds {
    fn default() -> Self {
        Self {
            open_quantile: 0.9,
            level_time_s: 60.0,
            lid_down_aperture: 0.6,
            lid_down_weight: 0.02,
            lid_shut_aperture: 0.25,
            settle_s: 3.0,
            settle_most_s: 20.0,
            open_least: 0.17,
            level_reread_s: 120.0,
            hidden_below: 0.5,
            hidden_guard_s: 0.15,
            aperture_error: 0.05,
            picture_likeness_min: 0.7,
            picture_from: 0.2,
            picture_part: 0.5,
            picture_shut: 0.8,
            picture_stretched: [0.6, 0.7],
            mesh_saturates: [0.5, 0.8],
            picture_behind: [0.1, 0.3],
            picture_less: 0.7,
            slip_least_mfu: 4.0,
            slip_steps: 8.0,
            slip_within_s: 0.09,
            gaze_min_px: 45.0,
            face_unit_min_px: 60.0,
        }
    }
}

/// Thresholds of the pattern stage.
#[derive(Debug, Clone, Serialize)]
pub struct PatternThresholds {
    /// Usable video below which "nothing was found" is not called `none` (seconds, default 55;
    /// judgment: the shortest rest recording of the proposed exam, a little lost).
    pub none_min_usable_s: f64,
    /// Least score of `none` where something was seen that anybody may show (default 0.5; judgment:
    /// seven patterns share the rest, and nothing at rest carries one of them).
    pub none_min_score: f64,
    /// Usable video below which no pattern is named (seconds, default 10; judgment).
    pub min_usable_s: f64,
    /// Events of its kind that a label needs (default 3; judgment: two may be chance or wish).
    pub min_events: u32,
    /// Least score of the best label (default 0.8; judgment).
    pub min_score: f64,
    /// Least distance of the best label's score to the next (default 0.4; judgment).
    pub min_lead: f64,
    /// Of that, time in which the face neither speaks nor makes an expression (seconds, default 20;
    /// derived: spasms that come 4 to 25 times a minute, any logarithm of the rate alike, are missed
    /// in 20 s by one in fourteen, and what moves in talk cannot be judged).
    pub none_min_rest_s: f64,
    /// Events not told from voluntary movement, outside blinks and talk, above which nothing found
    /// is not called `none` (a minute of rest, default 6; judgment).
    pub none_max_uncertain_per_min: f64,
    /// What the summed evidence is divided by, since findings of one recording are not
    /// independent of each other (default 1; fitted on simulated patients apart from those of
    /// the test: 0.8, raised by judgment, as painted faces show less than simulated signals).
    pub temperature: f64,
    /// Part of the recordings that show what none of the labels says (0 to 1, default 0.03;
    /// judgment: tics, functional spasm and myokymia are not modelled, and higher scores than 0.97
    /// would have to be earned on hundreds of them).
    pub unmodelled: f64,
}

impl Default for PatternThresholds {
    fn default() -> Self {
        Self {
            none_min_usable_s: 55.0,
            none_min_rest_s: 20.0,
            none_min_score: 0.5,
            min_usable_s: 10.0,
            min_events: 3,
            min_score: 0.8,
            min_lead: 0.4,
            none_max_uncertain_per_min: 6.0,
            temperature: 1.0,
            unmodelled: 0.03,
        }
    }
}

/// Thresholds of the blink finder. Apertures are relative to the open level: 1 open, 0 closed.
#[derive(Debug, Clone, Serialize)]
pub struct BlinkThresholds {
    /// Rate below which blinks are uncertain (new pictures a second, default 15; judgment: the
    /// lids of a short blink are down for 70 ms).
    pub fps_min: f64,
    /// Change of the mean aperture that counts as a turn of the lids (default 0.12; measured:
    /// four times the jitter of a webcam clip).
    pub turn: f32,
    /// The same in units of the recording's own noise, where that is more (default 5; judgment).
    pub turn_noise: f32,
    /// Longest way back that a fall can have begun while the lids count as up, seconds
    /// (default 1; judgment).
    pub history_s: f64,
    /// Time that the lids are given to arrive after they start to reopen, seconds (default 0.5;
    /// measured: reopening has a slow tail of 0.2 to 0.4 s).
    pub settle_s: f64,
    /// Longest fall of the lids before the bottom, seconds (default 0.3; judgment: a blink's
    /// down-phase takes 0.07 to 0.08 s, PMC4015796).
    pub closing_s: f64,
    /// Shortest time over which a closing speed is taken, seconds (default 0.028; judgment:
    /// about a frame at 30 a second, so that noise at high rates does not pass for speed).
    pub speed_base_s: f64,
    /// Part of the fastest closing below which the lids count as standing still (default 0.15;
    /// judgment).
    pub standstill: f32,
    /// Shortest time over which the slower reopening's speed is taken, seconds (default 0.08;
    /// judgment).
    pub arrival_base_s: f64,
    /// Smallest step that counts as part of the fall, in units of the recording's own noise
    /// (default 2.5; judgment).
    pub step_noise: f32,
    /// Longest pause inside one fall, seconds (default 0.04; judgment: one frame at 30 a second).
    pub pause_s: f64,
    /// Part of the rise after which the lids can count as arrived (default 0.7; judgment).
    pub arrival_min: f32,
    /// Stretch before the fall whose mean is the level that was left, seconds (default 0.07;
    /// judgment).
    pub level_s: f64,
    /// Shallowest dip (open apertures, default 0.27; measured: partial blinks of 0.3 stand
    /// clear of the gaze's small movements).
    pub depth_min: f32,
    /// The same in units of the recording's own noise, where that is more (default 8; judgment).
    pub depth_noise: f32,
    /// Slowest closing of a blink (open apertures a second, default 3; literature and measured:
    /// a blink closes in about 0.07 s, more than 10 a second; a narrowing smile stays below 2).
    pub closing_speed_min: f32,
    /// Shortest blink, width at half depth in seconds (default 0.045; judgment: one bad frame
    /// at 30 a second is shorter).
    pub min_s: f64,
    /// Longest blink, width at half depth in seconds (default 0.5; literature PMC4015796: only
    /// 0.2 % of blinks last longer).
    pub max_s: f64,
    /// Longest joined blink across a cut, first movement to last, seconds (default 0.8;
    /// judgment).
    pub joined_max_s: f64,
    /// A partial blink does not rest at the bottom longer than this, seconds (default 0.12;
    /// judgment: a fixation lasts 0.15 s and more).
    pub partial_dwell_max_s: f64,
    /// Part of the fall that a partial blink must regain (default 0.55; judgment).
    pub partial_rise_min: f32,
    /// Part of the fall that shut lids may regain and lose again within one closure (default 0.35;
    /// judgment: lids that reopen go half way and further; behind glasses, shut ones read up to a
    /// third open).
    pub flutter_max: f32,
    /// What a shut eye reads before it has shown it (default 0.22; measured on five faces).
    pub shut_level: f32,
    /// Lids within this of the shut level count as shut (default 0.18; judgment: a fifth of the
    /// way up).
    pub shut_margin: f32,
    /// Smaller depth over larger, each against its own shut level, above which both lids took part
    /// (default 0.6; measured: the other lid of a strong wink narrows by half as much).
    pub conjugate_min: f32,
    /// The same where the lids fell together (default 0.35; judgment: a shut eye that is dim, small
    /// or blurred reads half open, and crosstalk between the eyes stays below 0.25).
    pub conjugate_together_min: f32,
    /// Largest lag between half-closed lids that fell together, seconds (default 0.04; derived:
    /// half the down-phase of a blink, which one impulse drives in both eyes; the other lid of a
    /// wink narrows by degrees, 0.06 s and more behind).
    pub together_s: f64,
    /// Longest break of the track across which a closure goes on, seconds (default 0.15;
    /// judgment).
    pub join_cut_s: f64,
    /// Least part of its open aperture that a lid closes in a fall that tells of its fellow
    /// (default 0.5; judgment: a healthy lid closes by 0.58 and more in 9 of 10 blinks beside a
    /// palsied one, measured; spasms are often smaller than blinks).
    pub weak_depth_min: f32,
    /// Longest blink of the usual length, width at half depth in seconds (default 0.28; judgment:
    /// blinks at rest take 0.1 to 0.25, and a wink, which is held, 0.3 and more): one that tells of
    /// the fellow lid, and one that a lid which reads half open may share.
    pub quick_s: f64,
    /// Least time between two such falls, seconds (default 0.6; judgment: the bursts of a clonic
    /// train follow each other at 1.5 a second and more).
    pub apart_s: f64,
    /// Such falls from which on a lid can be told to be weak (default 3; judgment).
    pub weak_blinks_min: usize,
    /// Largest part of its fellow's closing that a weak lid does (default 0.8; judgment: healthy
    /// lids differ by a tenth).
    pub weak_part_max: f32,
    /// Farthest that part may be from its median in a blink (default 0.25; judgment: twice the
    /// error of a small face's aperture).
    pub weak_spread: f32,
    /// Share of the falls that may be farther (default 0.15; judgment: between twitches of one
    /// side the lids blink together at least once in six times).
    pub weak_astray_max: f32,
    /// By how much less than its part a weak lid may close (open apertures, default 0.2;
    /// judgment: the error of two small apertures).
    pub weak_short_max: f32,
}

impl Default for BlinkThresholds {
    fn default() -> Self {
        Self {
            fps_min: 15.0,
            turn: 0.12,
            turn_noise: 5.0,
            history_s: 1.0,
            settle_s: 0.5,
            closing_s: 0.3,
            speed_base_s: 0.028,
            arrival_base_s: 0.08,
            step_noise: 2.5,
            pause_s: 0.04,
            arrival_min: 0.7,
            standstill: 0.15,
            level_s: 0.07,
            depth_min: 0.27,
            depth_noise: 8.0,
            closing_speed_min: 3.0,
            min_s: 0.045,
            max_s: 0.5,
            joined_max_s: 0.8,
            partial_dwell_max_s: 0.12,
            partial_rise_min: 0.55,
            flutter_max: 0.35,
            shut_level: 0.22,
            shut_margin: 0.18,
            conjugate_min: 0.6,
            conjugate_together_min: 0.35,
            together_s: 0.04,
            join_cut_s: 0.15,
            weak_depth_min: 0.5,
            quick_s: 0.28,
            apart_s: 0.6,
            weak_blinks_min: 3,
            weak_part_max: 0.8,
            weak_spread: 0.25,
            weak_astray_max: 0.15,
            weak_short_max: 0.2,
        }
    }
}

/// Thresholds of the search for contractions.
#[derive(Debug, Clone, Serialize)]
pub struct EventThresholds {
    /// Noise assumed before the recording has shown its own (mFU, default 1.5; measured: rest
    /// noise of the skin signals is 0.5 to 2).
    pub noise_start_mfu: f64,
    /// Least noise that is believed (mFU, default 0.05; judgment: keeps a constant signal from
    /// dividing by zero).
    pub noise_least_mfu: f64,
    /// Samples kept at hand, seconds (default 2.2; judgment: the fit's stretch before the onset
    /// and the baseline's).
    pub history_s: f64,
    /// Stretch whose median is the baseline, seconds (default 1.2; judgment: follows breathing
    /// and sway, and is four times a twitch).
    pub baseline_s: f64,
    /// End of that stretch before the present, seconds (default 0.12; judgment: a rise must not
    /// raise its own baseline).
    pub baseline_guard_s: f64,
    /// Departure that starts an inspection, in standard deviations of the short mean (default
    /// 4.8; derived: some 10 000 independent means a minute over 11 places then give about
    /// 0.02 false ones).
    pub trigger: f64,
    /// The same for a further burst of a train (default 3.5; judgment).
    pub trigger_next: f64,
    /// Least peak of a burst that others may follow, in standard deviations (default 4;
    /// judgment).
    pub train_snr: f64,
    /// Time in which the lids' resting level follows eyes that narrow, seconds (default 2;
    /// judgment: slower than any contraction begins).
    pub lids_narrow_s: f64,
    /// Time in which the lids' resting level follows eyes opened wider, seconds (default 3;
    /// judgment: longer than a look of surprise; what both lids do as they come back from a longer
    /// one is no contraction).
    pub lids_wide_s: f64,
    /// Time after a rise until what follows is a level of its own, seconds (default 0.6;
    /// judgment).
    pub plateau_s: f64,
    /// Length of the short mean that is followed while away, seconds (default 0.045; judgment).
    pub short_s: f64,
    /// Time with which the recent height is forgotten while away, seconds (default 3;
    /// judgment).
    pub level_s: f64,
    /// Height below which a place away counts as back, in standard deviations of the noise, where
    /// a third of the recent height is less (default 2; judgment).
    pub release_noise: f64,
    /// Rest that ends a burst, seconds, and two frames at least (default 0.09; judgment: bursts
    /// of a train are joined again as one contraction).
    pub gap_s: f64,
    /// Rest after a departure from which on the baseline is taken anew, seconds (default 0.6;
    /// judgment).
    pub rest_s: f64,
    /// The same for the jaw, seconds (default 1; judgment: its rhythm is slow).
    pub jaw_rest_s: f64,
    /// Stretch before the trigger that enters the fit of the rise, seconds (default 1.1;
    /// measured on simulated rises: more no longer sharpens the onset).
    pub fit_before_s: f64,
    /// Stretch after the trigger that enters it, seconds (default 0.7; judgment: the longest
    /// rise).
    pub fit_after_s: f64,
    /// Powers of the lids' closure that may be what is read, all as likely (default 1, 1.3 and
    /// 1.8; measured on painted faces of five seeds: about 1.6, a quarter shut reads as a tenth.
    /// Lids closed by warping real recordings read as 2 and more, of which it is not known how
    /// much is the warp's).
    pub lid_powers: [f64; 3],
    /// Standard deviation of a reading's error over the movement that is read (default 0.06;
    /// measured on painted faces: 0.03 to 0.08 at full size, in lids and skin).
    pub misread: f64,
    /// Standard deviation of the time by which a moving place is read late or early (frames,
    /// default 0.2; measured on painted faces: 0.15 to 0.25 from contraction to contraction,
    /// beyond what noise explains, in lids and skin).
    pub delay_frames: f64,
    /// Standard deviation of the time by which a movement begins before or after the rise that
    /// fits it best, because its course is another, over that rise (default 0.15; judgment: of
    /// courses that muscle and lids are described by, the softest, least jerk, begins a fifth
    /// of the fitted rise before it, and a critically damped twitch a tenth after it).
    pub misfit: f64,
    /// Least likelihood ratio (twice its logarithm) of a rise against drifting noise (default
    /// 30; judgment: a little more than the trigger's own square).
    pub evidence_min: f64,
    /// Longest rise, seconds (default 0.8; judgment: slower departures are drift, posture or
    /// expression).
    pub rise_max_s: f64,
    /// Longest time that a place stands off against the direction of its contraction, its mirror
    /// place not, or where a moving head may have left it, before that counts as its rest, seconds
    /// (default 5; judgment: longer than most tonic spasms, of this side or of the other, which
    /// draws it along).
    pub stands_off_s: f64,
    /// Least part of the peak that the rise must explain (default 0.3; judgment).
    pub rise_part: f64,
    /// Part of a place's movement that its mirror place shares, below which the movement is
    /// one-sided (default 0.6; measured: the other lid of a strong wink narrows by half as much,
    /// crosstalk of the skin signals stays below 0.4).
    pub shared_max: f64,
    /// Time that the two sides must have come together for what began on one side to be over,
    /// seconds (default 0.5; judgment: longer than a blink of the other eye).
    pub joined_s: f64,
    /// Longest pause between contractions of one event, seconds (default 0.25; judgment: the
    /// bursts of a train at 2.5 a second or faster stay together).
    pub link_s: f64,
    /// The same for the jaw, seconds (default 0.6; literature (mem): rhythmic masticatory
    /// activity runs near 1 Hz).
    pub jaw_link_s: f64,
    /// Time after the last contraction before a group is closed, seconds (default 1; judgment:
    /// blinks are settled half a second after they end).
    pub settle_s: f64,
    /// Least size of an event's largest contraction, in standard deviations of the noise (default
    /// 3.5; judgment).
    pub sure_snr: f64,
    /// Least size of a contraction that can be told to begin before or after another, in standard
    /// deviations of the noise (default 5; judgment: a smaller one may have begun unseen).
    pub order_snr: f64,
    /// Part of one side's beats of a jaw from which on both sides work (default 0.4; measured:
    /// crosstalk of the skin signals stays below it).
    pub jaw_shared_min: f64,
    /// Part of an outward pull of the mouth's corner up to which the skin of the same side's chin
    /// only follows it (default 0.15; measured: 0.08 to 0.12 on painted faces that pull nothing
    /// else, 0.05 to 0.15 on two recordings of people who pull a corner or talk).
    pub chin_follows: f64,
    /// Part of the lids' closure up to which other skin that moves as both fall, or as they open, is
    /// only stirred by them (default 0.1; measured: up to 0.07 at the cheek of painted faces that
    /// close one eye).
    pub lids_stir: f64,
    /// Movement that a degree of turn, nod or tilt can feign, mFU a degree (default 2.5; measured
    /// on painted faces: nods by 8 degrees leave 2 mFU a degree in brow, mouth and chin).
    pub head_leak_most: f64,
    /// The same where head and place both come back, mFU a degree (default 5; judgment: twice as
    /// much, as what comes and goes with the head is the head's; measured on a painted cheek beside
    /// the rim of glasses: 4.4).
    pub head_leak_returning: f64,
    /// Time before and after a rise in which the head's movement counts as coming with it, seconds
    /// (default 0.2; judgment: half of a quick turn, in which skin is followed by jerks).
    pub head_around_s: f64,
    /// Time after the lids' first movement from which on bowing counts, seconds (default 0.1 to
    /// 0.2, over which the pose is averaged; lids fall within 66 to 78 ms, Sforza 2008; measured:
    /// heads that look down bow for 0.6 to 1 s).
    pub bow_from_s: [f64; 2],
    /// Bowing of the head during a prolonged closure of both lids from which on it may be a look
    /// down, degrees (default 5; judgment: heads at rest sway by a degree or two, and eyes that
    /// follow a bowing head hide their irises as shut ones do).
    pub bow_deg: f64,
    /// Size of a region over its noise, against the clearest region of the event, from which on its
    /// bursts make a train (default 0.5; judgment: the regions of one side twitch together, and a
    /// region in much noise counts bursts that are none).
    pub train_part: f64,
    /// Least rate of a clonic train, Hz (default 1.5; literature (mem): 1 to 10 a second).
    pub clonic_min_hz: f64,
    /// The same for the jaw, Hz (default 0.5; literature (mem): rhythmic masticatory activity
    /// runs near 1 Hz).
    pub jaw_min_hz: f64,
    /// Shortest tonic spasm, seconds (default 1; literature (mem): twitches last 0.1 to 0.3 s,
    /// tonic spasms 1 s and more).
    pub spasm_min_s: f64,
    /// Margin inside which onsets count as simultaneous, seconds (default 0.05; derived: the lag
    /// at which two lids count as asynchronous).
    pub tie_margin_s: f64,
    /// The same in frames, where that is more (default 1.5; judgment).
    pub tie_margin_frames: f64,
    /// Rate below which no order within an event is claimed (new pictures a second, default 23:
    /// 24, less what the stamps of such a rate stray; judgment: regions follow one another within
    /// some 40 ms).
    pub order_fps_min: f64,
    /// What a degree of turn or nod adds to a place before the recording has shown it (standard
    /// deviation in mFU, default 0.7; measured: 10 to 15 mFU are left of turns by 20 degrees).
    pub head_leak: f64,
    /// Stretch over which movement of head and place are compared, seconds (default 0.6;
    /// judgment: the length of a turn).
    pub head_over_s: f64,
    /// Time between two such comparisons, seconds (default 0.15; judgment).
    pub head_every_s: f64,
    /// End of that stretch before the present, seconds (default 0.3; judgment: a rise that comes
    /// with a turn of the head is noticed by then, and must not be learnt as the head's part).
    pub head_guard_s: f64,
    /// Fewest events from which a direction is stated (default 3; judgment).
    pub direction_events: u32,
    /// Weight of a frame away from the baseline in the noise (0 to 1, default 0.1; judgment: a
    /// wrong start still mends).
    pub away_weight: f64,
    /// Largest spread about the baseline over that of the steps from frame to frame (default 4;
    /// measured: 0.8 to 2.9 over three seconds at rest on real recordings, so what is slower and
    /// larger is movement, not noise).
    pub slow_noise_max: f64,
}

impl Default for EventThresholds {
    fn default() -> Self {
        Self {
            noise_start_mfu: 1.5,
            noise_least_mfu: 0.05,
            history_s: 2.2,
            baseline_s: 1.2,
            baseline_guard_s: 0.12,
            trigger: 4.8,
            trigger_next: 3.5,
            train_snr: 4.0,
            lids_narrow_s: 2.0,
            lids_wide_s: 3.0,
            plateau_s: 0.6,
            short_s: 0.045,
            level_s: 3.0,
            release_noise: 2.0,
            gap_s: 0.09,
            rest_s: 0.6,
            jaw_rest_s: 1.0,
            fit_before_s: 1.1,
            fit_after_s: 0.7,
            lid_powers: [1.0, 1.3, 1.8],
            misread: 0.06,
            misfit: 0.15,
            delay_frames: 0.2,
            evidence_min: 30.0,
            rise_max_s: 0.8,
            stands_off_s: 5.0,
            rise_part: 0.3,
            shared_max: 0.6,
            joined_s: 0.5,
            link_s: 0.25,
            jaw_link_s: 0.6,
            settle_s: 1.0,
            sure_snr: 3.5,
            order_snr: 5.0,
            jaw_shared_min: 0.4,
            chin_follows: 0.15,
            lids_stir: 0.1,
            head_leak_most: 2.5,
            head_leak_returning: 5.0,
            head_around_s: 0.2,
            bow_from_s: [0.1, 0.2],
            bow_deg: 5.0,
            train_part: 0.5,
            clonic_min_hz: 1.5,
            jaw_min_hz: 0.5,
            spasm_min_s: 1.0,
            tie_margin_s: 0.05,
            tie_margin_frames: 1.5,
            order_fps_min: 23.0,
            direction_events: 3,
            head_leak: 0.7,
            head_over_s: 0.6,
            head_every_s: 0.15,
            head_guard_s: 0.3,
            away_weight: 0.1,
            slow_noise_max: 4.0,
        }
    }
}
