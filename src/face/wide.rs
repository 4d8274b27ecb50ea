//! Wide registers where the machine has them.

/// Compiles a function twice, once for AVX2, and picks when it runs. Both do the same operations in
/// the same order, so the results are the same. What the function calls is compiled for AVX2 only as
/// far as it is inlined, which large closures are not.
macro_rules! wide {
    (
        $(#[$about:meta])*
        fn $name:ident($($argument:ident: $kind:ty),* $(,)?) $(-> $result:ty)? $body:block
    ) => {
        $(#[$about])*
        #[allow(clippy::too_many_arguments)]
        fn $name($($argument: $kind),*) $(-> $result)? {
            #[inline(always)]
            #[allow(clippy::too_many_arguments)]
            fn plain($($argument: $kind),*) $(-> $result)? $body
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                #[allow(clippy::too_many_arguments)]
                fn wide($($argument: $kind),*) $(-> $result)? {
                    plain($($argument),*)
                }
                if std::arch::is_x86_feature_detected!("avx2") {
                    // SAFETY: the machine was just asked for what the function needs.
                    return unsafe { wide($($argument),*) };
                }
            }
            plain($($argument),*)
        }
    };
}

pub(super) use wide;
